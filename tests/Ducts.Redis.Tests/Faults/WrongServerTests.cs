using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Ducts.Redis.Tests;

public sealed class WrongServerTests
{
    [Fact]
    public async Task A_master_that_became_a_replica_makes_the_client_connect_again_and_find_the_new_one()
    {
        await using var first = await RedisServer.StartAsync(RedisServer.FreePort());
        await using var second = await RedisServer.StartAsync(RedisServer.FreePort());
        await using var proxy = new CuttingProxy(first);
        await using var redis = await Clients.ConnectAsync(proxy.Uri);
        await redis.ExecuteAsync("SET", "k", 1);

        // As an address does that follows the master: connections stand, new ones lead elsewhere.
        proxy.LeadTo(second);
        await first.CliAsync("REPLICAOF", "127.0.0.1", $"{second.Port}");
        var refused = await Assert.ThrowsAsync<RedisErrorException>(async () => await redis.ExecuteAsync("SET", "k", 2));
        Assert.Equal("READONLY", refused.Code);
        await WritesReachAsync(redis, second);
    }

    // A multiplexer of an application, or a connection string: which of the servers is the primary is the library's to know.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failover_between_the_servers_of_a_connection_string_is_followed_though_the_old_primary_stays_up(bool isExternal)
    {
        await using var first = await RedisServer.StartAsync(RedisServer.FreePort());
        await using var second = await RedisServer.StartAsync(RedisServer.FreePort());
        await second.CliAsync("REPLICAOF", "127.0.0.1", $"{first.Port}");
        await Until.TrueAsync(async () => (await second.CliAsync("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal), "the replica follows");
        var text = $"127.0.0.1:{first.Port},127.0.0.1:{second.Port}";
        await using var multiplexer = isExternal ? await ConnectionMultiplexer.ConnectAsync(text) : null;
        await using var redis = multiplexer is null ? await Clients.ConnectAsync(text) : RedisClient.Create(multiplexer, new RedisClientOptions(), NullLoggerFactory.Instance);
        await redis.ExecuteAsync("SET", "k", 1);

        await second.CliAsync("REPLICAOF", "NO", "ONE");
        await first.CliAsync("REPLICAOF", "127.0.0.1", $"{second.Port}");
        var refused = await Record.ExceptionAsync(async () => await redis.ExecuteAsync("SET", "k", 2));
        Assert.True(refused is RedisErrorException { Code: "READONLY", IsTransient: true } or RedisUnavailableException, $"{refused}");
        await WritesReachAsync(redis, second);
        Assert.True(redis.IsConnected);
    }

    [Fact]
    public async Task Timeouts_and_cancellation_hold_to_fifty_milliseconds()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await server.ConnectAsync(static options => options.CommandTimeout = TimeSpan.FromMilliseconds(400));
        await redis.ExecuteAsync("PING");
        await server.FreezeAsync();
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await Assert.ThrowsAsync<RedisUnavailableException>(async () => await redis.ExecuteAsync("PING"));
            var elapsed = Stopwatch.GetElapsedTime(start);
            Assert.True(elapsed >= TimeSpan.FromMilliseconds(395), $"The time was up after {elapsed}.");
            best = elapsed < best ? elapsed : best;
        }

        // The best of five, for a machine that does other things.
        Assert.InRange(best.TotalMilliseconds, 395, 450);
        using var source = new CancellationTokenSource();
        var waiting = redis.ExecuteAsync("PING", [], source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await server.ThawAsync();
    }

    private static async Task WritesReachAsync(RedisClient redis, RedisServer server)
    {
        await Until.TrueAsync(
            async () =>
            {
                try
                {
                    return (await redis.ExecuteAsync("SET", "k", 3)).AsBoolean();
                }
                catch (RedisClientException)
                {
                    return false;
                }
            },
            "the new primary is written to");
        Assert.Equal("3", await server.CliAsync("GET", "k"));
    }
}
