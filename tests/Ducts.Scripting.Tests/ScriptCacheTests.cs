using Ducts.Handlers;
using Ducts.Scripting.Caching;
using Ducts.Scripting.Compiling;
using Microsoft.Extensions.Logging;

namespace Ducts.Scripting.Tests;

public class ScriptCacheTests
{
    private const int Compiled = 4001;

    [Fact]
    public async Task A_second_start_takes_the_same_handlers_and_problems_from_the_cache()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        home.Write("evt_1001_bad.cs", "nonsense");

        var first = await home.LoadAsync();
        var second = await home.LoadAsync();

        Assert.Equal("a", HandlerHome.Call(second, "A"));
        Assert.NotEmpty(second.Problems);
        Assert.Equal(first.Problems, second.Problems);
        Assert.Equal(1, Compilations(home));
    }

    [Fact]
    public async Task A_start_from_the_cache_loads_no_compiler()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        home.Write("evt_1001_bad.cs", "nonsense");

        var cold = await Probe.StartAsync(home.Path);
        var cached = await Probe.StartAsync(home.Path);

        Assert.NotEmpty(cold.CompilerAssemblies);
        Assert.Empty(cached.CompilerAssemblies);
        Assert.Equal(["A"], cached.Keys);
        Assert.Equal(cold.Problems, cached.Problems);
    }

    [Theory]
    [InlineData("change")]
    [InlineData("add")]
    [InlineData("rename")]
    [InlineData("delete")]
    public async Task Whatever_changes_in_the_folder_is_compiled_anew(string what)
    {
        using var home = new HandlerHome();
        var path = home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        home.Write("evt_1001_b.cs", HandlerHome.Handler("b"));
        await home.LoadAsync();

        switch (what)
        {
            case "change":
                home.Write("evt_1000_a.cs", HandlerHome.Handler("A"));
                break;
            case "add":
                home.Write("helper_x.cs", "class X;");
                break;
            case "rename":
                File.Move(path, Path.Combine(home.Handlers, "evt_1000_c.cs"));
                break;
            default:
                File.Delete(path);
                break;
        }

        var set = await home.LoadAsync();

        Assert.Empty(set.Problems);
        Assert.Equal(2, Compilations(home));
    }

    [Fact]
    public async Task A_damaged_entry_is_made_anew_wherever_it_is_damaged()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        await home.LoadAsync();
        var entry = Directory.GetFiles(Path.Combine(home.CacheFolder, "handlers")).Single();
        var whole = await File.ReadAllBytesAsync(entry);

        foreach (var length in new[] { 0, 7, 43, 44, 60, whole.Length / 2, whole.Length - 1 })
        {
            Assert.Null(CacheEntry.Read(whole[..length]));
        }

        for (var at = 0; at < whole.Length; at += 7)
        {
            whole[at] ^= 0x40;
            Assert.Null(CacheEntry.Read(whole));
            whole[at] ^= 0x40;
        }

        await File.WriteAllBytesAsync(entry, whole[..(whole.Length / 2)]);
        var set = await home.LoadAsync();

        Assert.Equal("a", HandlerHome.Call(set, "A"));
        Assert.Equal(whole, await File.ReadAllBytesAsync(entry));
        Assert.Contains(home.Log.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains("damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_costs_a_warning_only()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        await File.WriteAllTextAsync(home.CacheFolder, "a file where the folder should be");

        var set = await home.LoadAsync();

        Assert.Equal("a", HandlerHome.Call(set, "A"));
        Assert.Contains(home.Log.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains("cannot be read or written", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Servers_that_start_together_share_a_cache()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));

        var sets = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => home.LoadAsync()));

        Assert.All(sets, set => Assert.Equal("a", HandlerHome.Call(set, "A")));
        Assert.Single(Directory.GetFiles(Path.Combine(home.CacheFolder, "handlers")));
    }

    [Fact]
    public void Old_entries_and_abandoned_ones_go_and_recent_ones_stay()
    {
        using var home = new HandlerHome();
        var now = DateTime.UtcNow;
        Directory.CreateDirectory(home.CacheFolder);
        for (var age = 0; age < 30; age++)
        {
            var path = Path.Combine(home.CacheFolder, $"old{age}.bin");
            File.WriteAllText(path, "");
            File.SetLastWriteTimeUtc(path, now.AddDays(-1 - age));
        }

        var abandoned = Path.Combine(home.CacheFolder, "x.bin.1.tmp");
        File.WriteAllText(abandoned, "");
        File.SetLastWriteTimeUtc(abandoned, now.AddHours(-2));
        var unfinished = Path.Combine(home.CacheFolder, "y.bin.2.tmp");
        File.WriteAllText(unfinished, "");

        var cache = new ScriptCache(home.CacheFolder, TimeProvider.System, home.Log);
        cache.Store("new", new CompiledScripts(new byte[] { 1 }, [], [], []));

        Assert.NotNull(cache.Find("new"));
        Assert.False(File.Exists(abandoned));
        Assert.True(File.Exists(unfinished));
        var entries = Directory.GetFiles(home.CacheFolder, "*.bin").Select(Path.GetFileNameWithoutExtension).ToArray();
        Assert.Equal(ScriptCache.Kept, entries.Length);
        Assert.Contains("old18", entries);
        Assert.DoesNotContain("old19", entries);
    }

    [Fact]
    public void An_entry_that_was_written_is_read_alike()
    {
        var scripts = new CompiledScripts(
            new byte[] { 1, 2, 3 },
            [new ScriptClass("/a.cs", "<a>F1__H", "H", 1, 2, false, "KEY"), new ScriptClass("/b.cs", "B", "B", 3, 4, true, null)],
            [new HandlerProblem("/c.cs", 5, 6, "ünlike")],
            []);

        var read = CacheEntry.Read(CacheEntry.Write(scripts))!;

        Assert.Equal(scripts.Image.ToArray(), read.Image.ToArray());
        Assert.Equal(scripts.Classes, read.Classes);
        Assert.Equal(scripts.Problems, read.Problems);
        Assert.Empty(read.Warnings);
    }

    private static int Compilations(HandlerHome home) => home.Log.Lines.Count(line => line.Id == Compiled);
}
