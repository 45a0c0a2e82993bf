using System.Diagnostics;

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
            "the new master is found");
        Assert.Equal("3", await second.CliAsync("GET", "k"));
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
}
