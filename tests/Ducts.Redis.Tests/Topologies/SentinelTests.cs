using System.Diagnostics;
using System.Globalization;

namespace Ducts.Redis.Tests;

public sealed class SentinelTests : IAsyncLifetime
{
    private readonly List<RedisServer> _servers = [];
    private readonly List<Process> _sentinels = [];
    private readonly List<int> _ports = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("redis-sentinel-").FullName;

    private string Uri => $"redis://{string.Join(',', _ports.Select(static port => $"127.0.0.1:{port}"))}/0?sentinel=main";

    public async ValueTask InitializeAsync()
    {
        var master = await RedisServer.StartPersistentAsync(RedisServer.FreePort());
        var replica = await RedisServer.StartPersistentAsync(RedisServer.FreePort(), "--replicaof", "127.0.0.1", $"{master.Port}", "--repl-diskless-sync-delay", "0");
        _servers.AddRange([master, replica]);
        await Until.TrueAsync(async () => (await master.CliAsync("INFO", "replication")).Contains("state=online", StringComparison.Ordinal), "the replica is online");
        for (var i = 0; i < 3; i++)
        {
            var port = RedisServer.FreePort();
            _ports.Add(port);
            var file = Path.Combine(_folder, $"{port}.conf");
            await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $"""
                port {port}
                bind 127.0.0.1
                dir {_folder}
                logfile {_folder}/{port}.log
                sentinel monitor main 127.0.0.1 {master.Port} 2
                sentinel down-after-milliseconds main 700
                sentinel failover-timeout main 3000
                """));
            _sentinels.Add(Process.Start(new ProcessStartInfo("redis-server", [file, "--sentinel"]) { RedirectStandardOutput = true })!);
        }

        foreach (var port in _ports)
        {
            await Until.TrueAsync(async () => (await AskAsync(port)).Contains("slaves=1,sentinels=3", StringComparison.Ordinal), "the Sentinels know each other and the replica");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sentinel in _sentinels)
        {
            sentinel.Kill();
            await sentinel.WaitForExitAsync();
        }

        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_failover_under_load_is_followed_with_true_outcomes()
    {
        await using var redis = await Clients.ConnectAsync(Uri);
        Assert.EndsWith($":{_servers[0].Port}", redis.Status.Endpoint, StringComparison.Ordinal);
        await using var subscription = await redis.SubscribeAsync("c");
        using var stopping = new CancellationTokenSource();
        var acknowledged = 0;
        var writing = Enumerable.Range(0, 10).Select(w => Task.Run(async () =>
        {
            while (!stopping.IsCancellationRequested)
            {
                try
                {
                    await redis.ExecuteAsync("INCR", "n");
                    Interlocked.Increment(ref acknowledged);
                }
                catch (RedisUnavailableException)
                {
                    // Unknown, or not sent in time; the next one tells.
                }
                catch (RedisErrorException exception)
                {
                    Assert.Equal("READONLY", exception.Code);
                }
            }
        })).ToArray();
        await Until.TrueAsync(() => Volatile.Read(ref acknowledged) > 500, "commands are carried out");

        await _servers[0].KillAsync();
        await Until.TrueAsync(() => redis.IsConnected && redis.Status.Endpoint.EndsWith($":{_servers[1].Port}", StringComparison.Ordinal), "the client has the new master");
        var before = Volatile.Read(ref acknowledged);
        await Until.TrueAsync(() => Volatile.Read(ref acknowledged) > before + 500, "commands are carried out by the new master");
        await stopping.CancelAsync();
        await Task.WhenAll(writing);
        Assert.Contains("role:master", await _servers[1].CliAsync("INFO", "replication"), StringComparison.Ordinal);
        await Until.TrueAsync(async () => (await redis.ExecuteAsync("PUBLISH", "c", "back")).AsInt64() == 1, "the subscription is back");
        Assert.Equal("back", (await SubscriptionTests.TakeAsync(subscription, 1))[0].Payload);
    }

    [Fact]
    public async Task A_failover_that_leaves_the_old_primary_up_is_followed()
    {
        await using var redis = await Clients.ConnectAsync(Uri);
        await redis.ExecuteAsync("SET", "k", 1);
        Assert.Equal("OK", await CommandAsync(_ports[0], "SENTINEL", "FAILOVER", "main"));

        await Until.TrueAsync(
            async () =>
            {
                try
                {
                    await redis.ExecuteAsync("SET", "k", 2);
                    return redis.Status.Endpoint.EndsWith($":{_servers[1].Port}", StringComparison.Ordinal);
                }
                catch (RedisErrorException exception)
                {
                    Assert.True(exception.IsTransient, exception.Message);
                    return false;
                }
                catch (RedisUnavailableException)
                {
                    return false;
                }
            },
            "the new primary is written to");
        Assert.Equal("2", await _servers[1].CliAsync("GET", "k"));
        await Until.TrueAsync(async () => (await _servers[0].CliAsync("INFO", "replication")).Contains("role:slave", StringComparison.Ordinal), "the old primary is a replica");
    }

    [Fact]
    public async Task A_Sentinel_that_is_down_or_knows_no_such_master_is_passed_over()
    {
        var dead = RedisServer.FreePort();
        await using (var redis = await Clients.ConnectAsync($"redis://127.0.0.1:{dead},127.0.0.1:{_ports[0]}?sentinel=main"))
        {
            Assert.Equal("PONG", (await redis.ExecuteAsync("PING")).AsString());
        }

        var exception = await Assert.ThrowsAsync<RedisUnavailableException>(() => Clients.ConnectAsync($"redis://127.0.0.1:{_ports[0]}?sentinel=other"));
        Assert.Contains("other", exception.Message, StringComparison.Ordinal);
    }

    private static Task<string> AskAsync(int port) => CommandAsync(port, "INFO", "sentinel");

    private static async Task<string> CommandAsync(int port, params string[] command)
    {
        using var cli = Process.Start(new ProcessStartInfo("redis-cli", ["-p", $"{port}", .. command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var text = await cli.StandardOutput.ReadToEndAsync();
        await cli.WaitForExitAsync();
        return text.Trim();
    }
}
