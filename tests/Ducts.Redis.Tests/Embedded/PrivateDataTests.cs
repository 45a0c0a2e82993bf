using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Ducts.Redis.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ducts.Redis.Tests;

/// <summary>What other users of the machine can do with the data of an embedded server, and make it do.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PrivateDataTests : IDisposable
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const string Nobody = "65534";

    private readonly string _root = Directory.CreateTempSubdirectory("redis-private-").FullName;

    private string Folder => Path.Combine(_root, ".redis");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task No_other_user_can_look_into_the_data()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await using var embedded = await EmbeddedRedis.StartAsync(Folder, NullLogger.Instance);
        await using var redis = await Clients.ConnectAsync(embedded.Uri);
        await redis.ExecuteAsync("SET", "secret", "value");
        AssertPrivate();

        // The process that rewrites the file creates new ones.
        await redis.ExecuteAsync("BGREWRITEAOF");
        await Until.TrueAsync(async () => (await redis.ExecuteAsync("INFO", "persistence")).AsString()!.Contains("aof_rewrite_in_progress:0", StringComparison.Ordinal), "the file is rewritten");
        await redis.ExecuteAsync("SET", "secret", "again");
        await redis.ExecuteAsync("SAVE");
        AssertPrivate();
    }

    [Fact]
    public async Task Data_that_others_could_read_is_taken_away_from_them_and_kept()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await using (var embedded = await EmbeddedRedis.StartAsync(Folder, NullLogger.Instance))
        await using (var redis = await Clients.ConnectAsync(embedded.Uri))
        {
            await redis.ExecuteAsync("SET", "kept", "yes");
        }

        // As earlier versions left it.
        File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        await using var again = await EmbeddedRedis.StartAsync(Folder, NullLogger.Instance);
        AssertPrivate();
        await using var client = await Clients.ConnectAsync(again.Uri);
        Assert.Equal("yes", (await client.ExecuteAsync("GET", "kept")).AsString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("redis.log")]
    [InlineData("redis.pid")]
    [InlineData("redis.lock")]
    [InlineData("appendonlydir")]
    [InlineData("appendonlydir/appendonly.aof.manifest")]
    public async Task A_folder_or_file_of_another_user_is_refused_with_what_to_do(string path)
    {
        SkipUnlessRoot();
        var full = Path.TrimEndingDirectorySeparator(Path.Combine(Folder, path));
        Directory.CreateDirectory(Folder);
        if (Path.GetFileName(full) is ".redis" or "appendonlydir")
        {
            Directory.CreateDirectory(full);
        }
        else
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            await File.WriteAllTextAsync(full, "planted");
        }

        await RunAsync("chown", Nobody, full);

        var refusal = await Assert.ThrowsAsync<RedisServerStartException>(() => EmbeddedRedis.StartAsync(Folder, NullLogger.Instance));
        Assert.StartsWith($"{full} belongs to user {Nobody}, but the server runs as user 0", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("chown -R", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_of_another_user_leads_nowhere()
    {
        SkipUnlessRoot();
        var target = Path.Combine(_root, "precious");
        await File.WriteAllTextAsync(target, "precious");
        Directory.CreateDirectory(Folder);
        var link = Path.Combine(Folder, "redis.log");
        File.CreateSymbolicLink(link, target);
        await RunAsync("chown", "-h", Nobody, link);

        await Assert.ThrowsAsync<RedisServerStartException>(() => EmbeddedRedis.StartAsync(Folder, NullLogger.Instance));

        Assert.Equal("precious", await File.ReadAllTextAsync(target));
    }

    [Fact]
    public async Task A_folder_that_its_own_user_has_put_elsewhere_by_a_link_works()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        var elsewhere = Directory.CreateDirectory(Path.Combine(_root, "disk")).FullName;
        Directory.CreateSymbolicLink(Folder, elsewhere);
        await using (var embedded = await EmbeddedRedis.StartAsync(Folder, NullLogger.Instance))
        await using (var redis = await Clients.ConnectAsync(embedded.Uri))
        {
            await redis.ExecuteAsync("SET", "kept", "yes");
            Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(elsewhere) & Others);
        }

        Assert.True(Directory.Exists(Path.Combine(elsewhere, "appendonlydir")));
    }

    [Fact]
    public async Task A_folder_for_long_sockets_that_another_user_made_is_refused()
    {
        SkipUnlessRoot();
        var folder = Directory.CreateDirectory(Path.Combine(_root, "redis-root")).FullName;
        Assert.Equal(folder, PrivateFolder.PrepareShared(folder));
        await RunAsync("chown", Nobody, folder);

        var refusal = Assert.Throws<RedisServerStartException>(() => PrivateFolder.PrepareShared(folder));

        Assert.Contains("XDG_RUNTIME_DIR", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pid_file_does_not_end_the_server_of_another_folder()
    {
        await using var foreign = await RedisServer.StartAsync();
        Directory.CreateDirectory(Folder);
        await WritePidAsync(foreign.ProcessId);

        await EmbeddedRedis.StopLeftBehindAsync(Folder, NullLogger.Instance);
        await using (await EmbeddedRedis.StartAsync(Folder, NullLogger.Instance))
        {
            Assert.Equal("PONG", await foreign.CliAsync("PING"));
        }
    }

    [Fact]
    public async Task A_pid_file_does_not_end_another_users_server_that_works_in_the_folder()
    {
        SkipUnlessRoot();
        Directory.CreateDirectory(Folder);
        File.SetUnixFileMode(_root, File.GetUnixFileMode(_root) | Others);
        using var foreign = Process.Start(new ProcessStartInfo(
            "setpriv",
            ["--reuid", Nobody, "--clear-groups", "redis-server", "--port", "0", "--unixsocket", Path.Combine(_root, "foreign.sock"), "--dir", Folder, "--save", "", "--daemonize", "no"])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            // Its socket comes first, but until it has looked for data in its folder it may not lose it.
            while (await foreign.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1)) is { } line && !line.Contains("ready to accept", StringComparison.OrdinalIgnoreCase))
            {
            }

            Assert.False(foreign.HasExited);
            await WritePidAsync(foreign.Id);

            await EmbeddedRedis.StopLeftBehindAsync(Folder, NullLogger.Instance);
            await using (await EmbeddedRedis.StartAsync(Folder, NullLogger.Instance))
            {
                Assert.False(foreign.HasExited);
            }
        }
        finally
        {
            foreign.Kill();
            await foreign.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task A_server_left_behind_is_found_by_its_socket_where_the_pid_file_is_gone_or_wrong()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere the system does not tell who listens.");
        foreach (var pid in (int?[])[null, Environment.ProcessId])
        {
            PrivateFolder.Prepare(Folder, NullLogger.Instance);
            using var orphan = new RedisServerProcess(Folder, RedisServerProgram.Find()).Launch();
            await Until.TrueAsync(() => File.Exists(Path.Combine(Folder, "redis.sock")) && File.Exists(Path.Combine(Folder, "redis.pid")), "the orphan runs");
            File.Delete(Path.Combine(Folder, "redis.pid"));
            if (pid is { } wrong)
            {
                await WritePidAsync(wrong);
            }

            await EmbeddedRedis.StopLeftBehindAsync(Folder, NullLogger.Instance);

            Assert.True(orphan.HasExited);
        }
    }

    [Fact]
    public async Task The_server_of_a_living_owner_is_not_left_behind()
    {
        await using var owner = await EmbeddedRedis.StartAsync(Folder, NullLogger.Instance);
        await EmbeddedRedis.StopLeftBehindAsync(Folder, NullLogger.Instance);
        await using var redis = await Clients.ConnectAsync(owner.Uri);
        Assert.Equal("PONG", (await redis.ExecuteAsync("PING")).AsString());
        Assert.NotNull(owner.ProcessId);
    }

    [Fact]
    public async Task Nothing_is_made_where_there_is_nothing_to_stop()
    {
        await EmbeddedRedis.StopLeftBehindAsync(Folder, NullLogger.Instance);
        Assert.False(Directory.Exists(Folder));
    }

    private static void SkipUnlessRoot() => Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Only root can make files of other users.");

    private void AssertPrivate()
    {
        var entries = Directory.EnumerateFileSystemEntries(Folder, "*", SearchOption.AllDirectories).Append(Folder).ToList();
        Assert.Contains(entries, static entry => entry.EndsWith(".manifest", StringComparison.Ordinal));
        Assert.All(entries, static entry => Assert.True((File.GetUnixFileMode(entry) & (Others | UnixFileMode.UserExecute)) == (Directory.Exists(entry) ? UnixFileMode.UserExecute : 0), $"{entry}: {File.GetUnixFileMode(entry)}"));
    }

    private Task WritePidAsync(int id) => File.WriteAllTextAsync(Path.Combine(Folder, "redis.pid"), id.ToString(CultureInfo.InvariantCulture));

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
