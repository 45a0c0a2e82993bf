using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Ducts.Handlers;

namespace Ducts.Scripting.Tests;

public class ReloadTests
{
    [Fact]
    public async Task A_changed_file_fires_the_token_and_loads_anew()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("old"));
        await using var source = home.Open(reload: true);
        var before = await source.LoadAsync(CancellationToken.None);
        var changed = Changed(source);

        home.Write("evt_1000_a.cs", HandlerHome.Handler("new"));
        await changed;
        var after = await source.LoadAsync(CancellationToken.None);

        Assert.False(after.KeepsPrevious);
        Assert.Equal("new", HandlerHome.Call(after, "A"));
        Assert.Equal("old", HandlerHome.Call(before, "A"));
        Assert.False(source.Watch()!.HasChanged);
    }

    [Fact]
    public async Task A_change_that_does_not_compile_keeps_what_was_there()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        var path = home.Write("evt_1001_b.cs", HandlerHome.Handler("b"));
        await using var source = home.Open(reload: true);
        await source.LoadAsync(CancellationToken.None);

        home.Write("evt_1001_b.cs", "class B : DuctsHandler {");
        var broken = await source.LoadAsync(CancellationToken.None);
        home.Write("evt_1000_a.cs", HandlerHome.Handler("A"));
        var stillBroken = await source.LoadAsync(CancellationToken.None);
        home.Write("evt_1001_b.cs", HandlerHome.Handler("B"));
        var mended = await source.LoadAsync(CancellationToken.None);

        Assert.True(broken.KeepsPrevious);
        Assert.Empty(broken.Candidates);
        Assert.Equal(path, Assert.Single(broken.Problems).Source);
        Assert.True(stillBroken.KeepsPrevious);
        Assert.False(mended.KeepsPrevious);
        Assert.Equal(["A", "B"], mended.Candidates.Select(candidate => HandlerHome.Call(mended, candidate.Key)));
    }

    [Fact]
    public async Task A_file_broken_from_the_start_does_not_hold_up_the_others()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        home.Write("evt_1001_b.cs", "nonsense");
        await using var source = home.Open(reload: true);
        var first = await source.LoadAsync(CancellationToken.None);

        home.Write("evt_1000_a.cs", HandlerHome.Handler("A"));
        var second = await source.LoadAsync(CancellationToken.None);

        Assert.NotEmpty(first.Problems);
        Assert.False(second.KeepsPrevious);
        Assert.Equal("A", HandlerHome.Call(second, "A"));
    }

    [Fact]
    public async Task A_second_file_for_an_id_keeps_what_was_there()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_b.cs", HandlerHome.Handler("b"));
        await using var source = home.Open(reload: true);
        await source.LoadAsync(CancellationToken.None);

        home.Write("evt_1000_c.cs", HandlerHome.Handler("c"));
        var set = await source.LoadAsync(CancellationToken.None);

        Assert.True(set.KeepsPrevious);
        Assert.Contains("is taken by", Assert.Single(set.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_goes_takes_its_handler_along()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        var path = home.Write("evt_1001_b.cs", HandlerHome.Handler("b"));
        await using var source = home.Open(reload: true);
        await source.LoadAsync(CancellationToken.None);

        File.Delete(path);
        var fewer = await source.LoadAsync(CancellationToken.None);
        Directory.Delete(home.Handlers, recursive: true);
        var none = await source.LoadAsync(CancellationToken.None);

        Assert.Equal(["A"], fewer.Candidates.Select(candidate => candidate.Key));
        Assert.Empty(none.Candidates);
        Assert.False(none.KeepsPrevious);
    }

    [Fact]
    public async Task Old_code_is_unloaded_once_its_set_is_disposed()
    {
        using var home = new HandlerHome();
        await using var source = home.Open(reload: true);
        var contexts = new List<WeakReference>();

        for (var round = 0; round < 50; round++)
        {
            contexts.Add(await LoadCallAndDispose(home, source, round));
        }

        for (var attempt = 0; contexts.Any(context => context.IsAlive) && attempt < 50; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }

        Assert.DoesNotContain(contexts, context => context.IsAlive);
    }

    [Fact]
    public async Task A_start_from_the_cache_with_reload_can_be_stopped_at_once_and_still_reloads()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        await home.LoadAsync();
        await using (var stopped = home.Open(reload: true))
        {
            await stopped.LoadAsync(CancellationToken.None);
        }

        await using var source = home.Open(reload: true);
        await source.LoadAsync(CancellationToken.None);
        home.Write("evt_1000_a.cs", HandlerHome.Handler("A"));
        var set = await source.LoadAsync(CancellationToken.None);

        Assert.Equal("A", HandlerHome.Call(set, "A"));
    }

    [Fact]
    public async Task A_server_that_does_not_reload_watches_nothing_and_unloads_nothing()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        await using var source = home.Open();

        var set = await source.LoadAsync(CancellationToken.None);
        set.Lifetime?.Dispose();

        Assert.Null(source.Watch());
        Assert.False(set.Candidates[0].Type.IsCollectible);
        Assert.Equal("a", HandlerHome.Call(set, "A"));
    }

    // In a method of its own, so that nothing of the set is left on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> LoadCallAndDispose(HandlerHome home, HandlerFolderSource source, int round)
    {
        home.Write("evt_1000_a.cs", HandlerHome.Handler($"round {round}"));
        var set = await source.LoadAsync(CancellationToken.None);
        Assert.Equal($"round {round}", HandlerHome.Call(set, "A"));
        var context = AssemblyLoadContext.GetLoadContext(set.Candidates[0].Type.Assembly)!;
        set.Lifetime!.Dispose();
        return new WeakReference(context);
    }

    private static Task Changed(HandlerFolderSource source)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.Watch()!.RegisterChangeCallback(static state => ((TaskCompletionSource)state!).TrySetResult(), changed);
        return changed.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
