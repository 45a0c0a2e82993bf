namespace Ducts.Redis.Tests;

public sealed class SubscriptionTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private RedisClient _redis = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _redis = await _server.ConnectAsync(static options => options.SubscriberLimit = 1000);
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_subscriber_gets_what_is_published_in_order()
    {
        await using var subscription = await _redis.SubscribeAsync("c");
        await using var pattern = await _redis.PSubscribeAsync("c*");
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(2, (await _redis.ExecuteAsync("PUBLISH", "c", i)).AsInt64());
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(static i => i.ToString()), (await TakeAsync(subscription, 100)).Select(static m => m.Payload));
        var matched = await TakeAsync(pattern, 100);
        Assert.All(matched, static message => Assert.Equal(("c", "c*"), (message.Channel, message.Pattern)));
    }

    [Fact]
    public async Task A_busy_subscriber_misses_nothing()
    {
        await using var subscription = await _redis.SubscribeAsync("busy");
        for (var i = 0; i < 900; i++)
        {
            await _redis.ExecuteAsync("PUBLISH", "busy", i);
        }

        await Until.TrueAsync(() => subscription.Waiting == 900, "all messages wait for the reader");
        Assert.Equal(Enumerable.Range(0, 900).Select(static i => i.ToString()), (await TakeAsync(subscription, 900)).Select(static m => m.Payload));
    }

    [Fact]
    public async Task A_subscriber_that_is_too_slow_gets_its_exception_and_others_are_not_held_up()
    {
        await using var slow = await _redis.SubscribeAsync("flood");
        await using var quick = await _redis.SubscribeAsync("flood");
        var received = TakeAsync(quick, 5000);
        for (var i = 0; i < 5000; i += 100)
        {
            // As fast as the quick one reads, which is what makes it quick.
            await _redis.BatchAsync(Enumerable.Range(i, 100).Aggregate(new RedisBatch(), static (batch, n) => batch.Add("PUBLISH", "flood", n)));
            await Until.TrueAsync(() => quick.Waiting == 0 || received.IsCompleted, "the quick reader is up to date");
        }

        Assert.Equal(Enumerable.Range(0, 5000).Select(static i => i.ToString()), (await received).Select(static m => m.Payload));
        var kept = new List<string>();
        var exception = await Assert.ThrowsAsync<RedisSubscriberLimitException>(async () =>
        {
            await foreach (var (_, payload) in slow)
            {
                kept.Add(payload);
            }
        });
        Assert.Contains("1000", exception.Message, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 1000).Select(static i => i.ToString()), kept);
    }

    [Fact]
    public async Task Redis_is_told_once_and_again_when_the_last_one_leaves()
    {
        var first = await _redis.SubscribeAsync("counted");
        var second = await _redis.SubscribeAsync("counted");
        Assert.Equal("1", (await _server.CliAsync("PUBSUB", "NUMSUB", "counted")).Split('\n')[1]);
        await first.DisposeAsync();
        Assert.Equal(1, (await _redis.ExecuteAsync("PUBLISH", "counted", "x")).AsInt64());
        Assert.Equal("x", (await TakeAsync(second, 1))[0].Payload);
        await second.DisposeAsync();
        await second.DisposeAsync();
        await Until.TrueAsync(async () => (await _server.CliAsync("PUBSUB", "NUMSUB", "counted")).Split('\n')[1] == "0", "Redis was told");
        await foreach (var _ in second)
        {
            Assert.Fail("A disposed subscription ends.");
        }
    }

    [Fact]
    public async Task Coming_and_going_subscribers_get_every_message_of_their_time()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            for (var n = 0; n < 50; n++)
            {
                await using var subscription = await _redis.SubscribeAsync("shared");
                var text = $"{i}.{n}";
                await _redis.ExecuteAsync("PUBLISH", "shared", text);
                await foreach (var (_, payload) in subscription)
                {
                    if (payload == text)
                    {
                        break;
                    }
                }
            }
        })));
    }

    [Fact]
    public async Task A_subscription_comes_back_after_a_lost_connection()
    {
        await using var subscription = await _redis.SubscribeAsync("back");
        await using var pattern = await _redis.PSubscribeAsync("bac?");
        await _server.CliAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await Until.TrueAsync(async () => (await _redis.ExecuteAsync("PUBLISH", "back", "again")).AsInt64() == 2, "both subscriptions are back");
        Assert.Equal("again", (await TakeAsync(subscription, 1))[0].Payload);
        Assert.Equal("again", (await TakeAsync(pattern, 1))[0].Payload);
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_of_a_push_is_replaced()
    {
        await using var proxy = new CuttingProxy(_server);
        await using var redis = await Clients.ConnectAsync(proxy.Uri);
        await using var subscription = await redis.SubscribeAsync("cut");
        proxy.CutAfter(5000);
        await _redis.ExecuteAsync("PUBLISH", "cut", new byte[10_000]);
        await Until.TrueAsync(() => proxy.Cuts == 1, "the connection is cut");
        await Until.TrueAsync(async () => (await _redis.ExecuteAsync("PUBLISH", "cut", "whole")).AsInt64() == 1, "the subscription is back");
        Assert.Equal("whole", (await TakeAsync(subscription, 1))[0].Payload);
    }

    [Fact]
    public async Task An_output_buffer_that_overflows_costs_the_connection_and_not_the_subscription()
    {
        await using var subscription = await _redis.SubscribeAsync("over");
        await _server.CliAsync("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1000000 0 0");
        await _redis.ExecuteAsync("PUBLISH", "over", new byte[5_000_000]);
        await Until.TrueAsync(async () => (await _redis.ExecuteAsync("PUBLISH", "over", "small")).AsInt64() == 1, "the subscription is back");
        await foreach (var (_, payload) in subscription)
        {
            if (payload == "small")
            {
                break;
            }
        }
    }

    [Fact]
    public async Task A_subscription_ends_when_the_client_is_disposed_of()
    {
        var redis = await _server.ConnectAsync();
        await using var subscription = await redis.SubscribeAsync("end");
        await redis.ExecuteAsync("PUBLISH", "end", "last");
        Assert.Single(await TakeAsync(subscription, 1));
        await redis.DisposeAsync();
        Assert.Empty(await TakeAsync(subscription, 1));
    }

    [Fact]
    public async Task A_refused_channel_is_the_subscribers_exception()
    {
        await _server.CliAsync("ACL", "SETUSER", "limited", "on", ">pw", "+@all", "~*", "&allowed");
        await using var redis = await Clients.ConnectAsync($"unix://limited:pw@{_server.Socket}");
        var exception = await Assert.ThrowsAsync<RedisErrorException>(async () => await redis.SubscribeAsync("forbidden"));
        Assert.Equal("NOPERM", exception.Code);
        await using var allowed = await redis.SubscribeAsync("allowed");
        Assert.Equal(1, (await _redis.ExecuteAsync("PUBLISH", "allowed", "x")).AsInt64());
    }

    internal static async Task<List<RedisMessage>> TakeAsync(RedisSubscription subscription, int count)
    {
        var messages = new List<RedisMessage>();
        await foreach (var message in subscription)
        {
            messages.Add(message);
            if (messages.Count == count)
            {
                break;
            }
        }

        return messages;
    }
}
