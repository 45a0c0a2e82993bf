using Ducts.Scripting.Files;
using Ducts.Scripting.Watching;

namespace Ducts.Scripting.Tests;

public class FolderWatcherTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_kind_of_change_is_told_watched_or_not(bool canWatch)
    {
        using var home = new HandlerHome();
        home.Write("a.cs", "1");
        await using var watcher = Open(home, canWatch);

        await After(watcher, () => home.Write("a.cs", "22"));
        await After(watcher, () => home.Write("sub/b.cs", "1"));
        await After(watcher, () => File.Move(Path.Combine(home.Handlers, "a.cs"), Path.Combine(home.Handlers, "c.cs")));
        await After(watcher, () => File.Delete(Path.Combine(home.Handlers, "c.cs")));
        await After(watcher, () => Directory.Delete(Path.Combine(home.Handlers, "sub"), recursive: true));
    }

    [Fact]
    public async Task A_save_through_a_temporary_file_is_told()
    {
        using var home = new HandlerHome();
        var path = home.Write("a.cs", "1");
        await using var watcher = Open(home);

        await After(watcher, () =>
        {
            File.WriteAllText(path + "~", "22");
            File.Move(path + "~", path, overwrite: true);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_that_keeps_size_and_time_is_told(bool canWatch)
    {
        using var home = new HandlerHome();
        var path = home.Write("a.cs", "1");
        var time = File.GetLastWriteTimeUtc(path);
        await using var watcher = Open(home, canWatch);

        await After(watcher, () =>
        {
            // As cp -p does, in one step.
            var copy = Path.Combine(home.Path, "copy");
            File.WriteAllText(copy, "2");
            File.SetLastWriteTimeUtc(copy, time);
            File.Move(copy, path, overwrite: true);
        });
    }

    [Fact]
    public void A_fingerprint_is_of_the_content_and_not_of_the_time()
    {
        using var home = new HandlerHome();
        var path = home.Write("a.cs", "1");
        var folder = new SourceFolder(home.Handlers, _ => true);
        var first = folder.Fingerprint();
        var time = File.GetLastWriteTimeUtc(path);

        File.SetLastWriteTimeUtc(path, time.AddDays(1));
        Assert.Equal(first, folder.Fingerprint());

        File.WriteAllText(path, "2");
        File.SetLastWriteTimeUtc(path, time);
        Assert.NotEqual(first, folder.Fingerprint());
    }

    [Fact]
    public async Task A_folder_that_comes_later_goes_and_comes_again_is_told()
    {
        using var home = new HandlerHome();
        Directory.Delete(home.Handlers);
        await using var watcher = Open(home);

        await After(watcher, () => home.Write("a.cs", "1"));
        await After(watcher, () => home.Write("a.cs", "22"));
        await After(watcher, () => Directory.Delete(home.Handlers, recursive: true));
        await After(watcher, () => home.Write("a.cs", "1"));
    }

    [Fact]
    public async Task Other_files_and_files_written_alike_are_no_change()
    {
        using var home = new HandlerHome();
        home.Write("a.cs", "1");
        await using var watcher = Open(home);
        var token = watcher.Watch();

        home.Write("notes.txt", "1");
        home.Write("obj/generated.cs", "1");

        // Told once the real change is, and then once only.
        await After(watcher, () => home.Write("b.cs", "1"));
        Assert.True(token.HasChanged);
        Assert.Single(home.Log.Lines, line => line.Text.StartsWith("CHANGED", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_changed_since_it_was_remembered_is_told_even_before_watching()
    {
        using var home = new HandlerHome();
        home.Write("a.cs", "1");
        var folder = new SourceFolder(home.Handlers, _ => true);
        await using var watcher = new FolderWatcher(folder, TimeProvider.System, home.Log);
        watcher.Remember(folder.Fingerprint());

        home.Write("a.cs", "22");

        await After(watcher, static () => { });
    }

    [Fact]
    public async Task A_listener_that_fails_does_not_end_the_watching()
    {
        using var home = new HandlerHome();
        await using var watcher = Open(home);
        watcher.Watch().RegisterChangeCallback(static _ => throw new InvalidOperationException("listener"), null);

        await After(watcher, () => home.Write("a.cs", "1"));
        await After(watcher, () => home.Write("a.cs", "22"));
    }

    private static FolderWatcher Open(HandlerHome home, bool canWatch = true)
    {
        var watcher = new FolderWatcher(new SourceFolder(home.Handlers, _ => true), TimeProvider.System, home.Log, canWatch);
        watcher.Watch();
        return watcher;
    }

    private static async Task After(FolderWatcher watcher, Action act)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Watch().RegisterChangeCallback(static state => ((TaskCompletionSource)state!).TrySetResult(), changed);
        act();
        await changed.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
