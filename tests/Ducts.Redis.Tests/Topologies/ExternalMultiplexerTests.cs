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

    [Theory]
    [InlineData("protocol=resp3")]
    [InlineData("protocol=resp2")]
    public async Task A_follower_misses_nothing_while_the_connections_are_killed_twenty_times(string setting)
    {
        const int Kills = 20;
        await using var admin = await Clients.ConnectAsync($"redis://:secret@127.0.0.1:{_server.Port}");
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"{ConnectionString},{setting},name=theirs");
        await using var redis = RedisClient.Create(multiplexer, new RedisClientOptions { CommandTimeout = TimeSpan.FromSeconds(20) }, NullLoggerFactory.Instance);

        // The application's own subscription to the channel is one more reason for the library not to subscribe anew.
        await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Pattern("c*"), static (_, _) => { });
        await admin.XAddAsync("s", "i", 0);
        await using var follower = redis.PSubAndXRangeAsync("c*", "s", lastCount: 1).GetAsyncEnumerator();
        Assert.Equal(["0"], await FollowerTests.TakeAsync(follower, 1));
        var written = 0;
        var kills = 0;
        var writing = Task.Run(async () =>
        {
            while (Volatile.Read(ref kills) < Kills)
            {
                await admin.XAddAndPublishAsync("c", "s", "i", Interlocked.Increment(ref written));
            }
        });
        for (; kills < Kills; Interlocked.Increment(ref kills))
        {
            // Between two kills entries come through; the last entries before a kill are announced to nobody.
            var before = Volatile.Read(ref written);
            await Until.TrueAsync(() => Volatile.Read(ref written) > before + 20, "entries are written");
            foreach (var line in (await admin.ExecuteAsync("CLIENT", "LIST")).AsString()!.Split('\n').Where(static line => line.Contains("name=theirs", StringComparison.Ordinal)))
            {
                await admin.ExecuteAsync("CLIENT", "KILL", "ID", line.Split(' ')[0]["id=".Length..]);
            }
        }

        await writing;
        Assert.Equal(Enumerable.Range(1, written).Select(static i => $"{i}"), await FollowerTests.TakeAsync(follower, written));
    }

    [Fact]
    public async Task A_follower_goes_on_after_an_outage_that_is_longer_than_a_command_may_take()
    {
        await using var server = await RedisServer.StartPersistentAsync(RedisServer.FreePort());
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{server.Port},asyncTimeout=300,abortConnect=false");
        await using var redis = RedisClient.Create(multiplexer, new RedisClientOptions { CommandTimeout = TimeSpan.FromMilliseconds(300) }, NullLoggerFactory.Instance);
        await using var before = await Clients.ConnectAsync(server.TcpUri);
        await before.XAddAsync("s", "i", 0);
        await using var follower = redis.PSubAndXRangeAsync("c*", "s", lastCount: 1).GetAsyncEnumerator();
        Assert.Equal(["0"], await FollowerTests.TakeAsync(follower, 1));

        await server.KillAsync();
        var failed = 0;
        await Until.TrueAsync(
            async () =>
            {
                failed += await Record.ExceptionAsync(async () => await redis.ExecuteAsync("PING")) is RedisUnavailableException ? 1 : 0;
                return failed == 4;
            },
            "commands have failed for longer than the timeout");
        await server.LaunchAsync();

        await before.XAddAndPublishAsync("c", "s", "i", 1);
        Assert.Equal(["1"], await FollowerTests.TakeAsync(follower, 1));
        await before.XAddAndPublishAsync("c", "s", "i", 2);
        Assert.Equal(["2"], await FollowerTests.TakeAsync(follower, 1));
        await Until.TrueAsync(async () => (await before.ExecuteAsync("PUBLISH", "c", "x")).AsInt64() == 1, "the subscription is back");
    }

    [Fact]
    public async Task Subscriptions_come_back_after_the_application_has_ended_all_of_its_multiplexer()
    {
        await using var subscription = await _redis.SubscribeAsync("c");
        await _multiplexer.GetSubscriber().UnsubscribeAllAsync();

        // Redis may count the subscription that the library has only just ended.
        await Until.TrueAsync(async () => (await _redis.ExecuteAsync("PUBLISH", "c", "back")).AsInt64() == 1 && subscription.Waiting > 0, "the subscription is back");
        Assert.Equal("back", (await SubscriptionTests.TakeAsync(subscription, 1))[0].Payload);
    }

    [Fact]
    public async Task A_refused_channel_is_the_subscribers_exception_and_costs_the_application_nothing()
    {
        await _redis.ExecuteAsync("ACL", "SETUSER", "limited", "on", ">pw", "+@all", "~*", "&allowed");
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{_server.Port},user=limited,password=pw");
        await using var redis = RedisClient.Create(multiplexer, new RedisClientOptions(), NullLoggerFactory.Instance);
        var theirs = await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal("allowed"));
        var exception = await Assert.ThrowsAsync<RedisErrorException>(async () => await redis.SubscribeAsync("forbidden"));
        Assert.Equal("NOPERM", exception.Code);

        await using (var allowed = await redis.SubscribeAsync("allowed"))
        {
            await _redis.ExecuteAsync("PUBLISH", "allowed", "both");
            Assert.Equal("both", (await SubscriptionTests.TakeAsync(allowed, 1))[0].Payload);
            Assert.Equal("both", (string?)(await theirs.ReadAsync()).Message);
        }

        await _redis.ExecuteAsync("PUBLISH", "allowed", "theirs");
        Assert.Equal("theirs", (string?)(await theirs.ReadAsync()).Message);
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
