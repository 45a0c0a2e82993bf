using Ducts.Redis.Embedded;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ducts.Redis.Tests;

public sealed class EmbeddedRedisTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("redis-embedded-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Data_outlives_the_server()
    {
        int first;
        await using (var embedded = await EmbeddedRedis.StartAsync(_folder, NullLogger.Instance))
        {
            Assert.True(embedded.IsOwner);
            first = embedded.ProcessId!.Value;
            await using var redis = await Clients.ConnectAsync(embedded.Uri);
            await redis.ExecuteAsync("SET", "kept", "yes");
            Assert.Equal("0", (await redis.ExecuteAsync("CONFIG", "GET", "port"))[1].AsString());
        }

        Assert.False(IsAlive(first));
        await using var again = await EmbeddedRedis.StartAsync(_folder, NullLogger.Instance);
        await using var client = await Clients.ConnectAsync(again.Uri);
        Assert.Equal("yes", (await client.ExecuteAsync("GET", "kept")).AsString());
    }

    [Fact]
    public async Task It_ends_with_an_owner_that_is_killed_and_the_next_start_has_its_data()
    {
        using var owner = await StartOwnerAsync();
        var server = int.Parse((await owner.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        await using (var redis = await Clients.ConnectAsync("unix://" + Path.Combine(_folder, "redis.sock")))
        {
            await redis.ExecuteAsync("SET", "kept", "yes");
            owner.Kill();
            await owner.WaitForExitAsync();
        }

        await using (var embedded = await EmbeddedRedis.StartAsync(_folder, NullLogger.Instance))
        {
            Assert.False(IsAlive(server));
            await using var redis = await Clients.ConnectAsync(embedded.Uri);
            Assert.Equal("yes", (await redis.ExecuteAsync("GET", "kept")).AsString());
        }
    }

    [Fact]
    public async Task It_ends_by_itself_when_its_owner_is_killed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux ends children with their parents; elsewhere the next start ends them.");
        using var owner = await StartOwnerAsync();
        var server = int.Parse((await owner.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        Assert.True(IsAlive(server));
        owner.Kill();
        await owner.WaitForExitAsync();
        await Until.TrueAsync(() => !IsAlive(server), "the server has ended");
    }

    [Fact]
    public async Task A_server_left_behind_is_ended_before_the_next_starts()
    {
        // As left by an owner on a system that does not end children with their parents.
        using var orphan = new RedisServerProcess(_folder, RedisServerProgram.Find()).Launch();
        await Until.TrueAsync(() => File.Exists(Path.Combine(_folder, "redis.sock")) && File.Exists(Path.Combine(_folder, "redis.pid")), "the orphan runs");
        await using (var redis = await Clients.ConnectAsync("unix://" + Path.Combine(_folder, "redis.sock")))
        {
            await redis.ExecuteAsync("SET", "kept", "yes");
        }

        await using var embedded = await EmbeddedRedis.StartAsync(_folder, NullLogger.Instance);
        Assert.True(orphan.HasExited);
        await using var client = await Clients.ConnectAsync(embedded.Uri);
        Assert.Equal("yes", (await client.ExecuteAsync("GET", "kept")).AsString());
    }

    [Fact]
    public async Task A_pid_file_that_names_another_program_is_no_obstacle()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "redis.pid"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        await using (await EmbeddedRedis.StartAsync(_folder, NullLogger.Instance))
        {
        }

        await File.WriteAllTextAsync(Path.Combine(_folder, "redis.pid"), "not a number");
        await using (await EmbeddedRedis.StartAsync(_folder, NullLogger.Instance))
        {
        }
    }

    [Fact]
    public async Task A_server_of_a_living_owner_is_shared_and_left_running()
    {
        await using var owner = await EmbeddedRedis.StartAsync(_folder, NullLogger.Instance);
        await using (var guest = await EmbeddedRedis.StartAsync(_folder, NullLogger.Instance))
        {
            Assert.False(guest.IsOwner);
            Assert.Equal(owner.Uri, guest.Uri);
        }

        await using var redis = await Clients.ConnectAsync(owner.Uri);
        Assert.Equal("PONG", (await redis.ExecuteAsync("PING")).AsString());
    }

    [Fact]
    public async Task A_server_that_dies_is_started_again_with_its_data()
    {
        await using var embedded = await EmbeddedRedis.StartAsync(_folder, NullLogger.Instance);
        await using var redis = await Clients.ConnectAsync(embedded.Uri);
        await redis.ExecuteAsync("SET", "kept", "yes");
        var first = embedded.ProcessId!.Value;
        using (var process = Process.GetProcessById(first))
        {
            process.Kill();
        }

        await Until.TrueAsync(() => embedded.ProcessId is { } id && id != first, "another server runs");
        await Until.TrueAsync(() => redis.Status.Reconnects > 0, "the client has noticed");
        Assert.Equal("yes", (await redis.ExecuteAsync("GET", "kept")).AsString());
    }

    [Fact]
    public async Task A_folder_whose_path_is_too_long_for_a_socket_works()
    {
        var deep = Path.Combine(_folder, new string('d', 60), new string('e', 60), "with space");
        await using var embedded = await EmbeddedRedis.StartAsync(deep, NullLogger.Instance);
        Assert.True(embedded.Socket.Length <= 103, embedded.Socket);
        Assert.Equal(embedded.Socket, SocketPath.For(deep));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(Path.GetDirectoryName(embedded.Socket)!));
        }

        await using var redis = await Clients.ConnectAsync(embedded.Uri);
        Assert.Equal("PONG", (await redis.ExecuteAsync("PING")).AsString());
        Assert.True(Directory.Exists(Path.Combine(deep, "appendonlydir")) || File.Exists(Path.Combine(deep, "appendonly.aof")));
    }

    [Fact]
    public async Task A_server_that_cannot_start_says_why()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "appendonlydir", "appendonly.aof.manifest"));
        var exception = await Assert.ThrowsAsync<RedisServerStartException>(() => EmbeddedRedis.StartAsync(_folder, NullLogger.Instance));
        Assert.Contains("did not start", exception.Message, StringComparison.Ordinal);
        Assert.Contains("manifest", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_on_PATH_says_how_to_install_it()
    {
        var message = new RedisServerNotFoundException().Message;
        Assert.Contains("apt-get install redis-server", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.Null(RedisServerProgram.OnPath("no-such-program"));
        Assert.NotNull(RedisServerProgram.OnPath("redis-server"));
    }

    private static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or InvalidOperationException)
        {
            return false;
        }
    }

    private async Task<Process> StartOwnerAsync()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(EmbeddedRedisTests).Assembly.Location, "own-embedded-redis", _folder])
        {
            RedirectStandardOutput = true,
        };
        await Task.Yield();
        return Process.Start(start)!;
    }
}
