namespace Ducts.Redis.Tests;

public sealed class ShardedChannelTests
{
    [Fact]
    public async Task Sharded_messages_stay_at_the_node_of_their_channel_and_come_to_its_subscribers_alone()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var redis = await Clients.ConnectAsync(cluster.Uri);
        foreach (var master in cluster.Masters)
        {
            var channel = $"{cluster.TagOf(master)}news";
            await using var subscription = await redis.SSubscribeAsync(channel);
            Assert.True(subscription.IsSharded);
            Assert.Equal("1", (await master.CliAsync("PUBSUB", "SHARDNUMSUB", channel)).Split('\n')[1]);
            Assert.Equal(1, await redis.SPublishAsync(channel, "x"));
            Assert.Equal("x", (await SubscriptionTests.TakeAsync(subscription, 1))[0].Payload);
            await master.CliAsync("CLIENT", "KILL", "TYPE", "pubsub");
            await Until.TrueAsync(async () => await redis.SPublishAsync(channel, "back") == 1 && subscription.Waiting > 0, "the subscription is back");
        }
    }
}
