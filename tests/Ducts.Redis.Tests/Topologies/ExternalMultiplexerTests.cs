using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Ducts.Redis.Tests;

public sealed class ExternalMultiplexerTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private ConnectionMultiplexer _multiplexer = null!;
    private RedisClient _redis = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync(RedisServer.FreePort(), "--requirepass", "secret");
        _multiplexer = await ConnectionMultiplexer.ConnectAsync(ConnectionString);
        _redis = RedisClient.Create(_multiplexer, new RedisClientOptions { CommandTimeout = TimeSpan.FromSeconds(20) }, NullLoggerFactory.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _multiplexer.DisposeAsync();
        await _server.DisposeAsync();
    }

    private string ConnectionString => $"127.0.0.1:{_server.Port},password=secret,allowAdmin=true";

    [Fact]
    public async Task Commands_transactions_and_dedicated_connections_work_and_the_multiplexer_stays_its_owners()
    {
        await _redis.ExecuteAsync("SET", "a", 1);
        Assert.Equal("1", (string?)await _multiplexer.GetDatabase().StringGetAsync("a"));
        Assert.Equal(2, (await _redis.TransactionAsync(new RedisBatch().Add("INCR", "a")))[0].AsInt64());
        await using (var own = await _redis.OpenDedicatedAsync())
        {
            await own.ExecuteAsync("RPUSH", "queue", "item");
            Assert.Equal<IEnumerable<string?>>(["queue", "item"], (await own.ExecuteAsync("BLPOP", "queue", 0)).AsStrings());
        }

        await _redis.DisposeAsync();
        Assert.True(_multiplexer.IsConnected);
        Assert.Equal("2", (string?)await _multiplexer.GetDatabase().StringGetAsync("a"));
    }

    [Fact]
    public async Task Followers_and_subscriptions_survive_a_kill_of_the_connections()
    {
        await using var admin = await Clients.ConnectAsync($"redis://:secret@127.0.0.1:{_server.Port}");
        await using var subscription = await _redis.SubscribeAsync("c");
        await _redis.XAddAsync("s", "i", 0);
        await using var follower = _redis.PSubAndXRangeAsync("c*", "s", lastCount: 1).GetAsyncEnumerator();
        Assert.Equal(["0"], await FollowerTests.TakeAsync(follower, 1));
        for (var round = 1; round <= 5; round++)
        {
            await admin.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
            await admin.XAddAndPublishAsync("c", "s", "i", round);
            Assert.Equal([$"{round}"], await FollowerTests.TakeAsync(follower, 1));
        }

        await Until.TrueAsync(async () => (await admin.ExecuteAsync("PUBLISH", "c", "back")).AsInt64() == 2 && subscription.Waiting > 0, "the subscription is back");
    }

    [Fact]
    public async Task A_connection_string_of_the_library_is_as_good_as_a_uri()
    {
        await using var redis = await Clients.ConnectAsync($"127.0.0.1:{_server.Port},password=secret,defaultDatabase=3");
        await redis.ExecuteAsync("SET", "k", "three");
        await using var same = await Clients.ConnectAsync($"redis://:secret@127.0.0.1:{_server.Port}/3");
        Assert.Equal("three", (await same.ExecuteAsync("GET", "k")).AsString());
        Assert.True(await RedisClient.ProbeAsync(ConnectionString, TimeSpan.FromSeconds(5)));
        await Assert.ThrowsAsync<FormatException>(() => Clients.ConnectAsync("127.0.0.1:6379,nonsense=1"));
    }
}
