using Ducts.Tests.Identity;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Tests.Cluster;

/// <summary>Users whose sessions live on several nodes.</summary>
public sealed class NodeUserTests(RedisFixture redis) : UserNodes(redis)
{
    [Fact]
    public async Task Signing_a_user_out_closes_the_sessions_of_all_nodes()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        await using var here = await first.OpenAsync("sub=ada");
        await using var there = await second.OpenAsync("sub=ada");
        await using var bob = await second.OpenAsync("sub=bob");

        // Those of this node are counted.
        Assert.Equal(1, await first.Wire.Service<IUserCollection>()["ada"].CloseAsync("signed out"));

        Assert.Equal("close 4401 signed out", await here.ReceiveAsync());
        Assert.Equal("close 4401 signed out", await there.ReceiveAsync());
        Assert.Equal("[1,2000,\"bob\"]", await bob.CallAsync("[1,2000,null]"));
    }

    [Fact]
    public async Task A_ticket_of_one_node_opens_its_users_session_at_another()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        var issued = await first.IssueAsync("sub=ada");

        await using var client = await WireClient.OpenAsync(second.Wire.Port, issued.Path);

        Assert.Equal("[1,2000,\"ada\"]", await client.CallAsync("[1,2000,null]"));
        var text = first.Wire.Service<IDataProtectionProvider>().CreateProtector("test").Protect("a");
        Assert.Equal("a", second.Wire.Service<IDataProtectionProvider>().CreateProtector("test").Unprotect(text));
    }

    [Fact]
    public async Task A_dead_nodes_session_keeps_its_user_and_lets_no_other_in()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        var issued = await first.IssueAsync("sub=ada");
        await using var client = await ResumingClient.OpenAsync(first.Wire.Port, issued, 0, null, 1);
        // As if it had been killed: nobody renews its lease, and nothing of it runs any more.
        await first.Wire.Service<Ducts.Cluster.IClusterStore>().MarkAsync(IdOf(first), await LeaseOf(first), default);

        await using var other = await WireClient.AskAsync(second.Wire.Port, issued.Path + "?v=2", UserServer.HeaderOf("sub=eve"));
        await other.SendAsync(ResumingClient.HelloOf(issued, 0, client.Life, 2));
        Assert.StartsWith("close 4005", await other.ReceiveAsync(), StringComparison.Ordinal);
        await using var next = await ResumingClient.OpenAsync(second.Wire.Port, issued, 0, client.Life, 3);
        Assert.True(next.IsLost);
        Assert.Equal("[1,2000,\"ada\"]", await next.CallAsync("[1,2000,null]"));
    }

    private static string IdOf(UserServer server) => server.Wire.Service<Ducts.Cluster.NodeLease>().Id;

    private static async Task<long> LeaseOf(UserServer server) =>
        (await server.Wire.Service<Ducts.Cluster.IClusterStore>().ReadNodeAsync(IdOf(server), default)).Lease;
}
