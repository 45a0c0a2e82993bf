using Ducts.Cluster;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;

namespace Ducts.Tests.Cluster;

/// <summary>Pushes to sessions that live on several nodes.</summary>
public sealed class NodePushTests(RedisFixture redis) : UserNodes(redis)
{
    [Fact]
    public async Task A_push_to_all_to_a_user_and_to_a_group_reaches_the_sessions_of_all_nodes_once()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        await using var third = await StartAsync();
        await using var ada = await first.OpenAsync("sub=ada");
        await using var adaElsewhere = await second.OpenAsync("sub=ada");
        await using var bob = await second.OpenAsync("sub=bob");
        await using var nobody = await third.OpenAsync((string?)null);
        foreach (var member in new[] { ada, bob })
            Assert.Equal("[1,2001,true]", await member.CallAsync("[1,2001,\"room\"]"));

        // Those of this node are counted.
        Assert.Equal(0, await third.Wire.Service<IGroupCollection>()["room"].PushAsync(2000, "group"));
        Assert.Equal(1, await first.Wire.Service<IUserCollection>()["ada"].PushAsync(2000, "user"));
        Assert.Equal(new PushResult(1, 0), await third.Wire.Sessions.PushAsync("WHO", "all", PushMode.Wait));
        Assert.Equal(1, await first.Wire.Sessions.PushAsync(2000, "here", static _ => true));

        // In no order between pushes of different nodes.
        Assert.Equal(["all", "group", "here", "user"], await ReceiveAsync(ada, 4));
        Assert.Equal(["all", "user"], await ReceiveAsync(adaElsewhere, 2));
        Assert.Equal(["all", "group"], await ReceiveAsync(bob, 2));
        Assert.Equal(["all"], await ReceiveAsync(nobody, 1));
        foreach (var client in new[] { ada, adaElsewhere, bob, nobody })
            Assert.StartsWith("[9,2000,", await client.CallAsync("[9,2000,null]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pushes_of_one_node_come_in_order_and_none_is_missed()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        await using var client = await second.OpenAsync((string?)null);

        for (var i = 0; i < 500; i++)
            await first.Wire.Sessions.PushAsync(2000, i);

        for (var i = 0; i < 500; i++)
            Assert.Equal($"[null,2000,{i}]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task An_entry_that_cannot_be_done_does_not_keep_a_node_from_the_next()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        await using var client = await second.OpenAsync((string?)null);
        var feed = new ClusterKeys(first.Wire.Service<IOptions<DuctsOptions>>().Value.Cluster.ClusterKey).Feed;

        // A name that no group can have, as a node of another version might send it.
        await first.Wire.Redis.XAddAndPublishAsync(feed, feed, "node", "other", "kind", "push-Group", "name", "", "mode", "Wait", "data", "?");
        await first.Wire.Sessions.PushAsync(2000, "next");

        Assert.Equal("[null,2000,\"next\"]", await client.ReceiveAsync());
        Assert.Contains(second.Wire.Log.Errors, static line => line.Contains("What another node asked for", StringComparison.Ordinal));
    }

    private static async Task<string[]> ReceiveAsync(WireClient client, int count)
    {
        var messages = await client.ReceiveAsync(count);
        return [.. messages.Select(static message => message.Split('"')[1]).Order(StringComparer.Ordinal)];
    }

    private protected override void Map(WebApplication app) =>
        app.MapEvent(2001, "JOIN", static async (string name, IEventSession session) => await session.Groups.AddAsync(name));
}
