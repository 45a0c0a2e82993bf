using System.Diagnostics;
using System.Runtime.Versioning;
using Ducts.Redis.Ownership;
using Ducts.Scripting.Ownership;
using Microsoft.Extensions.Logging;

namespace Ducts.Scripting.Tests;

/// <summary>A cached assembly is code that runs as this user, so nobody else may have written it.</summary>
[SupportedOSPlatform("linux")]
public class CacheOwnershipTests
{
    private const int Compiled = 4001;
    private const UnixFileMode File0600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Stranger = "65534";

    [Fact]
    public async Task The_cache_is_its_users_alone()
    {
        using var home = Home();
        await home.LoadAsync();

        Assert.Equal(PrivateFolder.Mode, File.GetUnixFileMode(home.CacheFolder));
        Assert.Equal(PrivateFolder.Mode, File.GetUnixFileMode(Path.GetDirectoryName(Entry(home))!));
        Assert.Equal(File0600, File.GetUnixFileMode(Entry(home)));
    }

    [Fact]
    public async Task A_cache_that_was_open_to_others_is_closed_and_its_entries_that_were_are_made_anew()
    {
        using var home = Home();
        await home.LoadAsync();
        var everything = (UnixFileMode)0x1ff;
        File.SetUnixFileMode(home.CacheFolder, everything);
        File.SetUnixFileMode(Path.GetDirectoryName(Entry(home))!, everything);
        File.SetUnixFileMode(Entry(home), File0600 | UnixFileMode.GroupWrite);

        var set = await home.LoadAsync();

        Assert.Equal("a", HandlerHome.Call(set, "A"));
        Assert.Equal(2, home.Log.Lines.Count(static line => line.Id == Compiled));
        Assert.Contains(home.Log.Lines, static line => line.Level == LogLevel.Warning && line.Text.Contains("others may write to it, its mode is 0620", StringComparison.Ordinal));
        Assert.Equal(PrivateFolder.Mode, File.GetUnixFileMode(home.CacheFolder));
        Assert.Equal(File0600, File.GetUnixFileMode(Entry(home)));
    }

    [Fact]
    public async Task An_entry_of_another_user_is_not_loaded()
    {
        using var home = Home();
        await home.LoadAsync();
        GiveAway(Entry(home));

        var set = await home.LoadAsync();

        Assert.Equal("a", HandlerHome.Call(set, "A"));
        Assert.Equal(2, home.Log.Lines.Count(static line => line.Id == Compiled));
        Assert.Contains(home.Log.Lines, static line => line.Level == LogLevel.Warning && line.Text.Contains($"it belongs to user nobody ({Stranger})", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("handlers")]
    public async Task A_cache_of_another_user_is_not_used(string part)
    {
        using var home = Home();
        await home.LoadAsync();
        GiveAway(Path.Combine(home.CacheFolder, part));

        var set = await home.LoadAsync();

        Assert.Equal("a", HandlerHome.Call(set, "A"));
        Assert.Equal(2, home.Log.Lines.Count(static line => line.Id == Compiled));
        Assert.Contains(home.Log.Lines, static line => line.Level == LogLevel.Warning && line.Text.Contains($"belongs to user nobody ({Stranger}), and this is user root (0): remove the folder", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_link_of_another_user_in_place_of_the_cache_is_not_followed()
    {
        using var home = Home();
        var elsewhere = Directory.CreateDirectory(Path.Combine(home.Path, "elsewhere")).FullName;
        Directory.CreateSymbolicLink(home.CacheFolder, elsewhere);
        GiveAway(home.CacheFolder);

        var set = await home.LoadAsync();

        Assert.Equal("a", HandlerHome.Call(set, "A"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
        Assert.Contains(home.Log.Lines, line => line.Text.Contains($"{home.CacheFolder} is a symbolic link that belongs to user nobody ({Stranger}): remove it.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Packages_are_not_loaded_from_a_cache_of_another_user()
    {
        using var home = new HandlerHome();
        home.Write("evt_1000_a.cs", "#:package Some.Package@1.0.0\n" + HandlerHome.Handler("a"));
        Directory.CreateDirectory(home.CacheFolder);
        GiveAway(home.CacheFolder);

        var set = await home.LoadAsync();

        Assert.Contains($"cannot be had: the folder {home.CacheFolder} belongs to user nobody ({Stranger})", Assert.Single(set.Problems).Message, StringComparison.Ordinal);
    }

    private static HandlerHome Home()
    {
        var home = new HandlerHome();
        home.Write("evt_1000_a.cs", HandlerHome.Handler("a"));
        return home;
    }

    private static string Entry(HandlerHome home) => Directory.GetFiles(Path.Combine(home.CacheFolder, "handlers")).Single();

    private static void GiveAway(string path)
    {
        Assert.SkipUnless(FileFacts.CurrentUser == 0, "Only root can make files that belong to another user.");
        using var chown = Process.Start("chown", ["-h", Stranger, path]);
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }
}
