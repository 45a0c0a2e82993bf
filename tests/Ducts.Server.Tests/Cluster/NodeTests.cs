using Ducts.Cluster;
using Ducts.Connections;
using Ducts.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Tests.Cluster;

/// <summary>Several servers that share their sessions through one Redis.</summary>
public sealed class NodeTests(RedisFixture redis)
{
    [Fact]
    public async Task A_session_is_served_where_it_lives_wherever_its_client_comes()
    {
        await using var nodes = await TestNodes.StartAsync(redis, 2);
        var issued = await nodes[0].Server.IssueAsync();
        await using var first = await nodes[1].ResumeAsync(issued);
        Assert.Equal("[1,1000,\"a\"]", await first.CallAsync("[1,1000,\"a\"]"));

        // The other node, then the same again: numbers go on, and nothing begins anew.
        await using var second = await nodes[0].ResumeAsync(issued, received: 1, first.Life, attempt: 2);
        Assert.Equal((false, first.Life, 1L), (second.IsLost, second.Life, second.Received));
        Assert.Equal("[2,1000,\"b\"]", await second.CallAsync("[2,1000,\"b\"]"));
        await using var third = await nodes[1].ResumeAsync(issued, received: 2, first.Life, attempt: 3);
        Assert.Equal("[3,1000,\"c\"]", await third.CallAsync("[3,1000,\"c\"]"));

        Assert.Null(nodes[0].Find(issued));
        Assert.NotNull(nodes[1].Find(issued));
        Assert.DoesNotContain("connected", nodes[0].Server.Hooks.Seen, StringComparison.Ordinal);
        // Who reads a log takes no session over.
        var secret = issued.Path[(issued.Path.LastIndexOf('/') + 1)..issued.Path.LastIndexOf('.')];
        Assert.DoesNotContain(nodes[0].Server.Log.All.Concat(nodes[1].Server.Log.All), line => line.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_in_the_field_reconnects_to_any_node()
    {
        await using var nodes = await TestNodes.StartAsync(redis, 3);
        var issued = await nodes[2].Server.IssueAsync();
        await using var first = await WireClient.OpenAsync(nodes[0].Port, issued.Path);
        Assert.Equal("[1,1000,1]", await first.CallAsync("[1,1000,1]"));
        await first.ConfirmAllAsync(nodes[0].Find(issued)!);

        foreach (var node in new[] { nodes[1], nodes[2], nodes[0], nodes[1] })
        {
            await using var next = await WireClient.OpenAsync(node.Port, issued.ReconnectPath);
            Assert.Equal("[2,1000,2]", await next.CallAsync("[2,1000,2]"));
            await next.ConfirmAllAsync(nodes[0].Find(issued)!);
        }

        Assert.Null(nodes[1].Find(issued));
        Assert.Null(nodes[2].Find(issued));
    }

    [Fact]
    public async Task A_large_reply_and_a_close_code_go_through_another_node()
    {
        await using var nodes = await TestNodes.StartAsync(redis, 2);
        var issued = await nodes[0].Server.IssueAsync();
        await using var first = await nodes[0].ResumeAsync(issued);
        await using var second = await nodes[1].ResumeAsync(issued, 0, first.Life, attempt: 2);
        var text = new string('x', 200_000);
        Assert.Equal($"[1,1000,\"{text}\"]", await second.CallAsync($"[1,1000,\"{text}\"]"));

        await using var third = await nodes[1].ResumeAsync(issued, 1, first.Life, attempt: 3);
        Assert.Equal("close 4001 replaced", await second.ReceiveAsync());
        Assert.Equal("[2,12,true]", await third.CallAsync("[2,12,null]"));
        await Until.TrueAsync(async () => !(await nodes.KeysAsync(nodes[0].Server)).Any(static key => key.EndsWith("/SESSIONS", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_session_that_has_ended_is_opened_by_no_node()
    {
        await using var nodes = await TestNodes.StartAsync(redis, 2);
        var issued = await nodes[0].Server.IssueAsync();
        await using (var client = await nodes[0].ResumeAsync(issued))
            Assert.Equal("[1,12,true]", await client.CallAsync("[1,12,null]"));
        await Until.TrueAsync(() => nodes[0].Find(issued) is null);

        await using var late = await ResumingClient.AskAsync(nodes[1].Port, issued, ResumingClient.HelloOf(issued, attempt: 2));
        Assert.StartsWith("close 4005", late.First, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_secret_finds_no_session_of_another_node()
    {
        await using var nodes = await TestNodes.StartAsync(redis, 2);
        var issued = await nodes[0].Server.IssueAsync();
        await using var client = await WireClient.OpenAsync(nodes[0].Port, issued.Path);
        var forged = string.Concat(issued.ReconnectPath.AsSpan(0, issued.ReconnectPath.LastIndexOf('.') - 40), new string('a', 40), issued.ReconnectPath.AsSpan(issued.ReconnectPath.LastIndexOf('.')));

        await using var refused = await WireClient.AskAsync(nodes[1].Port, forged);

        Assert.Equal(403, refused.Status);
    }

    [Fact]
    public async Task A_dead_nodes_session_goes_on_elsewhere_in_another_life_and_its_node_drops_it()
    {
        await using var nodes = await TestNodes.StartAsync(redis, 2);
        var issued = await nodes[0].Server.IssueAsync("&room=7");
        await using var first = await nodes[0].ResumeAsync(issued);
        Assert.Equal("[1,1000,1]", await first.CallAsync("[1,1000,1]"));
        await nodes.CutUntilDeadAsync(0);

        await using var second = await nodes[1].ResumeAsync(issued, received: 1, first.Life, attempt: 2);
        Assert.True(second.IsLost);
        Assert.NotEqual(first.Life, second.Life);
        Assert.Equal(0, second.Received);
        Assert.Equal("[2,1000,2]", await second.CallAsync("[2,1000,2]"));
        Assert.Equal("7", nodes[1].Find(issued)!.Ticket.Query["room"]);

        // The old owner hears of it once it reaches Redis again.
        var before = nodes[0].Id;
        nodes[0].Store.IsCut = false;
        await Until.TrueAsync(() => nodes[0].Find(issued) is null && nodes[0].Id != before);
        await Assert.ThrowsAsync<IOException>(first.Wire.ReadToEndAsync);
        Assert.Equal("[3,1000,3]", await second.CallAsync("[3,1000,3]"));
        Assert.DoesNotContain("closed", nodes[0].Server.Hooks.Seen, StringComparison.Ordinal);
        Assert.DoesNotContain("connected", nodes[1].Server.Hooks.Seen.Replace("reconnected", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains(nodes[0].Server.Log.Errors, static line => line.Contains("was marked as dead by another node", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_goes_away_while_its_session_is_taken_over_finds_it_later_and_no_new_one()
    {
        await using var nodes = await TestNodes.StartAsync(redis, 2);
        var issued = await nodes[0].Server.IssueAsync();
        await using var first = await nodes[0].ResumeAsync(issued);
        Assert.Equal("[1,1000,1]", await first.CallAsync("[1,1000,1]"));
        await nodes.CutUntilDeadAsync(0);
        using var gone = new CancellationTokenSource();
        nodes[1].Store.Claimed = gone;

        Assert.NotNull(await nodes[1].Server.Registry.AdoptAsync(issued.StreamId, gone.Token));

        Assert.True(gone.IsCancellationRequested);
        await using var second = await nodes[1].ResumeAsync(issued, received: 1, first.Life, attempt: 2);
        Assert.True(second.IsLost);
        Assert.DoesNotContain("connected", nodes[1].Server.Hooks.Seen.Replace("reconnected", "", StringComparison.Ordinal), StringComparison.Ordinal);
        nodes[0].Store.IsCut = false;
        await Until.TrueAsync(() => nodes[0].Find(issued) is null);
        Assert.Contains(nodes[0].Server.Log.Errors, static line => line.Contains("was marked as dead by another node", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_session_whose_claim_was_answered_into_the_void_is_claimed_again_and_not_opened_anew()
    {
        await using var nodes = await TestNodes.StartAsync(redis, 2);
        var issued = await nodes[0].Server.IssueAsync();
        await using var first = await nodes[0].ResumeAsync(issued);
        Assert.Equal("[1,1000,1]", await first.CallAsync("[1,1000,1]"));
        await nodes.CutUntilDeadAsync(0);
        nodes[1].Store.LosesClaims = true;
        await using var later = await ResumingClient.AskAsync(nodes[1].Port, issued, ResumingClient.HelloOf(issued, 1, first.Life, 2));
        Assert.StartsWith("close 1013", later.First, StringComparison.Ordinal);

        nodes[1].Store.LosesClaims = false;
        await using var second = await nodes[1].ResumeAsync(issued, received: 1, first.Life, attempt: 3);

        Assert.True(second.IsLost);
        // A session that is opened has its hooks run; this one has had them.
        Assert.Equal("[2,1000,2]", await second.CallAsync("[2,1000,2]"));
        Assert.DoesNotContain("a:connected", nodes[1].Server.Hooks.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_that_come_at_once_for_a_dead_nodes_session_find_the_same_one()
    {
        await using var nodes = await TestNodes.StartAsync(redis, 2);
        var issued = await nodes[0].Server.IssueAsync();
        await using var first = await nodes[0].ResumeAsync(issued);
        Assert.Equal("[1,1000,1]", await first.CallAsync("[1,1000,1]"));
        await nodes.CutUntilDeadAsync(0);

        var clients = await Task.WhenAll(Enumerable.Range(2, 20).Select(attempt =>
            ResumingClient.AskAsync(nodes[1].Port, issued, ResumingClient.HelloOf(issued, 1, first.Life, attempt))));

        Assert.DoesNotContain("a:connected", nodes[1].Server.Hooks.Seen, StringComparison.Ordinal);
        Assert.Single(nodes[1].Server.Registry.Live);
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task A_client_in_the_field_whose_node_died_is_refused_and_its_session_ends_once()
    {
        await using var nodes = await TestNodes.StartAsync(redis, 2);
        var issued = await nodes[0].Server.IssueAsync();
        await using var first = await WireClient.OpenAsync(nodes[0].Port, issued.Path);
        Assert.Equal("[1,1000,1]", await first.CallAsync("[1,1000,1]"));
        await nodes.CutUntilDeadAsync(0);

        await using var refused = await WireClient.AskAsync(nodes[1].Port, issued.ReconnectPath);

        Assert.Equal(403, refused.Status);
        await Until.TrueAsync(() => nodes[1].Server.Hooks.Seen == "a:closed b:closed");
        nodes[0].Store.IsCut = false;
        await Until.TrueAsync(() => nodes[0].Find(issued) is null);
        Assert.DoesNotContain("closed", nodes[0].Server.Hooks.Seen, StringComparison.Ordinal);
        Assert.Contains(nodes[0].Server.Log.Errors, static line => line.Contains("was marked as dead by another node", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_sessions_of_a_dead_node_to_which_nobody_comes_back_end_elsewhere()
    {
        await using var nodes = await TestNodes.StartAsync(redis, 2, static (_, options) => options.WebSocketServer.ReconnectTimeout = TimeSpan.FromSeconds(1));
        for (var i = 0; i < 5; i++)
            await (await WireClient.OpenAsync(nodes[0].Port, (await nodes[0].Server.IssueAsync()).Path)).CallAsync("[1,1000,1]");
        nodes[0].Store.IsCut = true;

        await Until.TrueAsync(() => nodes[1].Server.Hooks.Seen.Split(' ').Count(static seen => seen == "a:closed") == 5);

        nodes[0].Store.IsCut = false;
        await Until.TrueAsync(() => nodes[0].Server.Registry.Count == 0);
        await Until.TrueAsync(async () => (await nodes.KeysAsync(nodes[0].Server)).Count(static key => key.StartsWith("NODE/", StringComparison.Ordinal)) == 2);
        Assert.DoesNotContain("closed", nodes[0].Server.Hooks.Seen, StringComparison.Ordinal);
        Assert.DoesNotContain(await nodes.KeysAsync(nodes[0].Server), static key => key.StartsWith("SESSION/", StringComparison.Ordinal));
        Assert.Contains(nodes[0].Server.Log.Errors, static line => line.Contains("was marked as dead by another node", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_that_cannot_renew_its_lease_opens_no_session_and_ends_none_until_it_can()
    {
        // Alone, so that nobody marks it.
        await using var nodes = await TestNodes.StartAsync(redis, 1);
        var node = nodes[0];
        await using var client = await WireClient.OpenAsync(node.Port, (await node.Server.IssueAsync()).Path);
        Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));
        node.Store.IsCut = true;
        await Until.TrueAsync(() => node.Server.Log.All.Any(static line => line.Contains("has not renewed its lease", StringComparison.Ordinal)));

        // What is open goes on.
        Assert.Equal("[2,1000,2]", await client.CallAsync("[2,1000,2]"));
        await using var refused = await WireClient.AskAsync(node.Port, (await node.Server.IssueAsync()).Path);
        Assert.Equal(503, refused.Status);
        await node.Server.Sessions.Single().CloseAsync("enough");
        Assert.DoesNotContain("closed", node.Server.Hooks.Seen, StringComparison.Ordinal);

        node.Store.IsCut = false;
        await Until.TrueAsync(() => node.Server.Hooks.Seen.Contains("b:closed", StringComparison.Ordinal));
        await Until.TrueAsync(() => node.Server.Log.All.Any(static line => line.Contains("has renewed its lease", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Before_a_node_is_marked_its_clients_are_asked_to_try_again()
    {
        // The first cannot be reached by the others.
        await using var nodes = await TestNodes.StartAsync(redis, 2, static (index, options) => options.Cluster.NodeAddress = index == 0 ? "127.0.0.1:1" : "");
        var issued = await nodes[0].Server.IssueAsync();
        await using var client = await WireClient.OpenAsync(nodes[0].Port, issued.Path);
        await using var refused = await WireClient.AskAsync(nodes[1].Port, issued.ReconnectPath);
        Assert.Equal(503, refused.Status);
        Assert.Contains("Retry-After: 1", refused.Answer, StringComparison.Ordinal);

        var counting = await nodes[0].Server.IssueAsync();
        await using var resuming = await nodes[0].ResumeAsync(counting);
        await using var later = await ResumingClient.AskAsync(nodes[1].Port, counting, ResumingClient.HelloOf(counting, 0, resuming.Life, 2));
        Assert.StartsWith("close 1013", later.First, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handshake_is_not_forwarded_twice()
    {
        await using var nodes = await TestNodes.StartAsync(redis, 2);
        var issued = await nodes[0].Server.IssueAsync();
        await using var client = await WireClient.OpenAsync(nodes[0].Port, issued.Path);
        var id = issued.Path[(issued.Path.LastIndexOf('/') + 1)..];
        var signature = nodes[1].Server.Service<NodeSecret>().Sign(nodes[1].Id, id);

        await using var misdirected = await WireClient.AskAsync(nodes[1].Port, issued.ReconnectPath, $"X-Ducts-Session: {id}\r\nX-Ducts-Node: {signature}\r\n");
        Assert.Equal(421, misdirected.Status);

        // What nobody has signed counts for nothing.
        await using var forged = await WireClient.AskAsync(nodes[1].Port, issued.ReconnectPath, $"X-Ducts-Session: {id}\r\nX-Ducts-Node: {new string('0', signature.Length)}\r\n");
        Assert.Equal(101, forged.Status);
    }

    [Fact]
    public async Task Nothing_is_left_in_Redis_when_sessions_and_nodes_have_come_and_gone()
    {
        await using var nodes = await TestNodes.StartAsync(redis, 2);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            var issued = await nodes[i % 2].Server.IssueAsync();
            await using var client = await WireClient.OpenAsync(nodes[i / 2 % 2].Port, issued.Path);
            await client.CallAsync("[1,1000,1]");
            await nodes[i / 2 % 2].Server.Sessions.Find("SS." + Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(issued.StreamId)))!.CloseAsync();
        }));
        await Until.TrueAsync(() => nodes[0].Server.Registry.Count + nodes[1].Server.Registry.Count == 0);
        await Until.TrueAsync(async () => !(await nodes.KeysAsync(nodes[0].Server)).Any(static key => key.EndsWith("/SESSIONS", StringComparison.Ordinal)));
        // That they are over is kept for two minutes, so that no ticket that was just being read opens them again.
        foreach (var key in (await nodes.KeysAsync(nodes[0].Server)).Where(static key => key.StartsWith("SESSION/", StringComparison.Ordinal)))
            Assert.InRange((await nodes[0].Server.Redis.ExecuteAsync("PTTL", nodes.Key + "/" + key)).AsInt64(), 1, 120_000);

        await nodes[1].Server.StopAsync();
        Assert.Equal(["KEYS", "NODES", "SECRET"], (await nodes.KeysAsync(nodes[0].Server)).Where(static key => !key.Contains('/', StringComparison.Ordinal)));
        Assert.Single(await nodes.KeysAsync(nodes[0].Server), static key => key.StartsWith("NODE/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dead_nodes_session_has_a_higher_epoch_elsewhere()
    {
        await using var nodes = await TestNodes.StartAsync(redis, 2);
        var issued = await nodes[0].Server.IssueAsync();
        await using var first = await nodes[0].ResumeAsync(issued);
        var before = nodes[0].Server.Sessions.Single().Epoch;
        await nodes.CutUntilDeadAsync(0);

        await using var second = await nodes[1].ResumeAsync(issued, 0, first.Life, attempt: 2);

        Assert.InRange(before, 1, nodes[1].Server.Sessions.Single().Epoch - 1);
        Assert.Equal(before, nodes[0].Server.Sessions.Single().Epoch);
    }
}
