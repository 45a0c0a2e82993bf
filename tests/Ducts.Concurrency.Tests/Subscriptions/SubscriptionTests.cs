using Ducts.Redis;
using Ducts.Redis.Subscriptions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ducts.Concurrency.Subscriptions;

/// <summary>The subscription hub, over a Redis whose connection is lost and comes back at any time.</summary>
public class SubscriptionTests
{
    private static readonly ChannelKey Key = new("news", ChannelKind.Exact);

    [Fact]
    public void A_subscriber_gets_what_is_published_after_its_subscription_was_confirmed() => Exploration.Passes(static async () =>
    {
        var redis = ModelRedis.Create();
        await using var hub = CreateHub();
        redis.Hub = hub;
        var sinks = new[] { new NotingSink(redis), new NotingSink(redis) };

        await ModelTasks.WhenAll(sinks.Select(sink => ModelTasks.Run(async () =>
        {
            await hub.AddAsync(Key, sink, CancellationToken.None);
            var number = redis.Publish(Key.Name);
            await sink.WhenReceivedAsync(number);
        })).ToArray());
    });

    [Fact]
    public void What_is_lost_with_a_connection_is_followed_by_word_that_something_may_be_missing() => Exploration.Passes(static async () =>
    {
        var redis = ModelRedis.Create();
        await using var hub = CreateHub();
        redis.Hub = hub;
        var sink = new NotingSink(redis);
        await hub.AddAsync(Key, sink, CancellationToken.None);

        var publishing = ModelTasks.Run(async () =>
        {
            for (var i = 0; i < 3; i++)
            {
                redis.Publish(Key.Name);
                await Task.Yield();
            }
        });
        var losing = ModelTasks.Run(async () =>
        {
            redis.Lose();
            await Task.Yield();
            redis.Reopen();
        });
        await ModelTasks.WhenAll(publishing, losing);
        // The new connection may not have been subscribed yet, or not be known to the hub.
        redis.Publish(Key.Name);
        await sink.WhenAllIsKnownAsync();
    });

    [Fact]
    public void Redis_is_left_when_the_last_subscriber_has_gone_and_joined_again_for_the_next() => Exploration.Passes(static async () =>
    {
        var redis = ModelRedis.Create();
        await using var hub = CreateHub();
        redis.Hub = hub;
        var (leaves, comes) = (new NotingSink(redis), new NotingSink(redis));
        await hub.AddAsync(Key, leaves, CancellationToken.None);

        var leaving = ModelTasks.Run(() => hub.Remove(Key, leaves));
        var coming = ModelTasks.Run(() => hub.AddAsync(Key, comes, CancellationToken.None));
        await ModelTasks.WhenAll(leaving, coming);
        await comes.WhenReceivedAsync(redis.Publish(Key.Name));

        hub.Remove(Key, comes);
        await redis.WhenUnsubscribedAsync(Key.Name);
        Assert.Equal(0, hub.Count);
    });

    [Fact]
    public void Who_gives_up_before_Redis_has_confirmed_leaves_no_subscription_behind() => Exploration.Passes(static async () =>
    {
        var redis = ModelRedis.Create();
        await using var hub = CreateHub();
        redis.Hub = hub;
        redis.IsSlow = true;
        using var givingUp = new CancellationTokenSource();
        var sink = new NotingSink(redis);

        var coming = ModelTasks.Run(() => hub.AddAsync(Key, sink, givingUp.Token));
        await redis.WhenJoinedAsync(Key.Name);
        givingUp.Cancel();
        await coming.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        hub.Remove(Key, sink);

        await redis.WhenLeftAsync(Key.Name);
        Assert.Equal(0, hub.Count);
    });

    [Fact]
    public void Disposing_ends_those_who_wait_and_those_who_have_subscribed() => Exploration.Passes(static async () =>
    {
        var redis = ModelRedis.Create();
        var hub = CreateHub();
        redis.Hub = hub;
        var (has, waits) = (new NotingSink(redis), new NotingSink(redis));
        await hub.AddAsync(Key, has, CancellationToken.None);
        redis.Lose();

        var waiting = ModelTasks.Run(() => hub.AddAsync(new ChannelKey("other", ChannelKind.Exact), waits, CancellationToken.None));
        var disposing = ModelTasks.Run(async () => await hub.DisposeAsync());
        await disposing;

        // Written out: Coyote does not see into xunit.
        await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.IsType<ObjectDisposedException>(waiting.Exception?.InnerException);
        Assert.True(has.IsEnded);
    });

    private static SubscriptionHub CreateHub() => new(null!, new RedisClientOptions { TimeProvider = new ModelTime() }, NullLogger.Instance);
}
