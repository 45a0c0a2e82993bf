using System.Text.Json;
using Ducts.Groups;
using Ducts.Sessions;
using Ducts.Tests.Identity;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ducts.Tests.Groups;

/// <summary>Following who is in a group: in handlers and background work, and as a stream to a client.</summary>
public sealed class GroupFollowTests(RedisFixture redis)
{
    [Fact]
    public async Task A_client_that_follows_gets_a_snapshot_and_then_joins_and_leaves()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        await using var early = await server.OpenAsync();
        await early.JoinAsync();
        await using var watcher = await FollowAsync(server);
        Assert.Equal("snapshot 1 first last", await DescribeAsync(watcher, 1));

        var issued = await server.IssueAsync();
        await using var late = await server.OpenAsync(issued);
        await late.JoinAsync();
        var joined = await ReceiveAsync(watcher, 2);
        Assert.Equal("joined", joined.GetProperty("kind").GetString());
        Assert.Equal(server.Session(issued).SessionId, joined.GetProperty("members")[0].GetProperty("sessionId").GetString());
        await early.LeaveAsync();
        Assert.Equal("left 1", await DescribeAsync(watcher, 2));
        await late.LeaveAsync();

        var left = await ReceiveAsync(watcher, 2);
        Assert.Equal(joined.GetProperty("members").ToString(), left.GetProperty("members").ToString());
        Assert.Equal("""{"kind":"left","members":[{"sessionId":"","joinId":"","joinedAt":""}]}""", Blank(left));
        await watcher.SendAsync("[9,6,7]");
        Assert.Equal(["[7,3,[7,2102,null]]", "[9,6,true]"], (await watcher.ReceiveAsync(2)).Order());
        await Until.TrueAsync(() => server.Groups.Count == 0);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_client_that_speaks_JSON_gets_JSON()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        await using var text = await server.OpenAsync();
        await text.SendTextAsync("""{"request_id":7,"event_id":2102,"data":{"name":"room"}}""");
        Assert.Equal("""text {"request_id":7,"event_id":1,"data":{"request_id":7,"event_id":2102,"data":{"kind":"snapshot","members":[],"isFirst":true,"isLast":true}}}""", await text.ReceiveAsync());
        await using var client = await server.OpenAsync();

        await client.JoinAsync();

        Assert.StartsWith("""text {"request_id":7,"event_id":2,"data":{"request_id":7,"event_id":2102,"data":{"kind":"joined","members":[{"sessionId":"SS.""", await text.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_gives_credit_gets_as_much_and_the_rest_later()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        await using var watcher = await server.ResumeAsync(await server.IssueAsync());
        await watcher.SendAsync("""[null,9,{"id":7,"credit":2}]""");
        await watcher.SendAsync("""[7,2102,{"name":"room"}]""");
        Assert.StartsWith("[7,1,[7,2102,{\"kind\":\"snapshot\"", await watcher.ReceiveAsync(), StringComparison.Ordinal);
        await using var client = await server.OpenAsync();

        await client.JoinAsync();
        await client.LeaveAsync();

        Assert.StartsWith("[7,2,[7,2102,{\"kind\":\"joined\"", await watcher.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal("[1,1000,1]", await watcher.CallAsync("[1,1000,1]"));
        await watcher.SendAsync("""[null,9,{"id":7,"credit":1}]""");
        Assert.StartsWith("[7,2,[7,2102,{\"kind\":\"left\"", await watcher.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_carry_their_user()
    {
        await using var server = await UserServer.StartAsync(redis, static options => options.Auth.StreamKeyForSessionOpened = "SESSION/PRESENCE", GroupEvents.Map);
        await using var watcher = await server.OpenAsync(claims: null);
        await watcher.SendAsync("""[7,2102,{"name":"room"}]""");
        Assert.Equal("snapshot 0 first last", await DescribeAsync(watcher, 1));
        await using var ada = await server.OpenAsync("sub=ada,iss=elsewhere");

        await ada.JoinAsync();

        Assert.Equal("""{"kind":"joined","members":[{"sessionId":"","joinId":"","joinedAt":"","subject":"ada","issuer":"elsewhere"}]}""", Blank(await ReceiveAsync(watcher, 2)));
    }

    [Fact]
    public async Task A_session_that_is_lost_and_does_not_come_back_leaves()
    {
        await using var server = await GroupEvents.StartAsync(redis, static options => options.WebSocketServer.ReconnectTimeout = TimeSpan.FromSeconds(0.3));
        await using var watcher = await FollowAsync(server);
        await DescribeAsync(watcher, 1);
        var lost = await server.OpenAsync();
        await lost.JoinAsync();
        Assert.Equal("joined 1", await DescribeAsync(watcher, 2));

        lost.Reset();

        Assert.Equal("left 1", await DescribeAsync(watcher, 2));
    }

    [Fact]
    public async Task Joins_of_one_session_in_several_groups_are_told_to_each_of_them()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        await using var watcher = await server.OpenAsync();
        await watcher.SendAsync("""[7,2102,{"name":"a"}]""");
        await watcher.SendAsync("""[8,2102,{"name":"b"}]""");
        await watcher.ReceiveAsync(2);
        await using var client = await server.OpenAsync();

        await client.JoinAsync("a");
        Assert.StartsWith("[7,2,", await watcher.ReceiveAsync(), StringComparison.Ordinal);
        await client.JoinAsync("b");
        Assert.StartsWith("[8,2,", await watcher.ReceiveAsync(), StringComparison.Ordinal);
        await client.LeaveAsync("a");
        Assert.StartsWith("[7,2,[7,2102,{\"kind\":\"left\"", await watcher.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_group_comes_in_pages()
    {
        const int Members = 100_000;
        await using var server = await GroupEvents.StartAsync(redis);
        var sessions = await JoinAsync(server, Members);
        var group = server.Groups["room"];
        Assert.Equal(Members, await group.CountAsync());
        Assert.Equal(Members, (await group.ListAsync()).Select(static member => member.JoinId).Distinct().Count());
        await using var watcher = await FollowAsync(server);

        // Who leaves while the snapshot is read is in it, and leaves after it.
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var page = 0; page < Members / 1_000; page++)
        {
            var change = await ReceiveAsync(watcher, page == 0 ? 1 : 2);
            Assert.Equal((1_000, page == 0, page == 99), (change.GetProperty("members").GetArrayLength(), change.TryGetProperty("isFirst", out _), change.TryGetProperty("isLast", out _)));
            ids.UnionWith(change.GetProperty("members").EnumerateArray().Select(static member => member.GetProperty("sessionId").GetString()!));
            await sessions[page].Groups.RemoveAsync("room");
        }

        Assert.Equal(Members, ids.Count);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(sessions[i].SessionId, (await ReceiveAsync(watcher, 2)).GetProperty("members")[0].GetProperty("sessionId").GetString());
        }
    }

    [Fact]
    public async Task A_client_that_falls_behind_gets_a_new_snapshot_and_misses_nothing_in_the_end()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var watcher = await WireClient.OpenAsync(server.Port, issued.Path, receiveBuffer: 16 * 1024);
        await watcher.SendAsync("""[7,2102,{"name":"room"}]""");
        await Until.TrueAsync(() => server.Groups.Count == 1);
        var sessions = await JoinAsync(server, 100);
        var session = server.Session(issued);

        // Until it is behind by more than is kept: what the outbox holds, and then some.
        await Until.TrueAsync(async () =>
        {
            foreach (var one in sessions)
            {
                await one.Groups.RemoveAsync("room");
                await one.Groups.AddAsync("room");
            }

            return session.Outbox.IsFull;
        });
        for (var i = 0; i < 200; i++)
        {
            await sessions[0].Groups.RemoveAsync("room");
            foreach (var one in sessions[1..])
            {
                await one.Groups.RemoveAsync("room");
                await one.Groups.AddAsync("room");
            }

            await sessions[0].Groups.AddAsync("room");
        }

        foreach (var one in sessions)
        {
            await one.CloseAsync(SessionEnd.Left);
        }

        var last = await server.IssueAsync();
        await using var client = await server.OpenAsync(last);
        await client.JoinAsync();
        var id = server.Session(last).SessionId;
        var follower = new Follower();
        while (!follower.Members.Any(member => member.SessionId == id))
        {
            follower.Take(Parse(await watcher.ReceiveAsync()));
        }

        Assert.Equal(id, Assert.Single(follower.Members).SessionId);
        Assert.InRange(follower.Snapshots, 2, 10);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Following_ends_with_its_token_or_with_the_server()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        using var cancellation = new CancellationTokenSource();
        using var other = new CancellationTokenSource();
        await using var given = server.Groups["room"].FollowAsync(cancellation.Token).GetAsyncEnumerator();
        await using var with = server.Groups["room"].FollowAsync().GetAsyncEnumerator(other.Token);
        await using var stopped = server.Groups["room"].FollowAsync().GetAsyncEnumerator();
        Assert.True(await given.MoveNextAsync() && await with.MoveNextAsync() && await stopped.MoveNextAsync());
        var waiting = (Given: given.MoveNextAsync().AsTask(), With: with.MoveNextAsync().AsTask(), Stopped: stopped.MoveNextAsync().AsTask());

        await cancellation.CancelAsync();
        await other.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Given.WaitAsync(Until.Patience));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.With.WaitAsync(Until.Patience));
        Assert.False(waiting.Stopped.IsCompleted);
        await server.StopAsync();

        Assert.False(await waiting.Stopped.WaitAsync(Until.Patience));
        await Until.TrueAsync(() => server.Groups.Count == 0);
    }

    [Fact]
    public async Task A_stream_that_the_stop_breaks_off_is_no_sequence_that_has_ended()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        await using var watcher = await FollowAsync(server);
        await DescribeAsync(watcher, 1);

        var stopping = server.StopAsync();

        Assert.StartsWith($"[7,2,[7,-{GroupEvents.Follow},\"", await watcher.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal($"[7,3,[7,-{GroupEvents.Follow},null]]", await watcher.ReceiveAsync());
        await watcher.DisposeAsync();
        await stopping;
    }

    [Fact]
    public async Task Who_follows_in_the_background_sees_the_last_leave_before_the_end()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        await using var client = await server.OpenAsync();
        await client.JoinAsync();
        var kinds = new List<GroupChangeKind>();
        var started = new TaskCompletionSource();
        var following = Task.Run(async () =>
        {
            await foreach (var change in server.Groups["room"].FollowAsync())
            {
                kinds.Add(change.Kind);
                started.TrySetResult();
            }
        });
        await started.Task.WaitAsync(Until.Patience);

        await server.StopAsync();

        await following.WaitAsync(Until.Patience);
        Assert.Equal([GroupChangeKind.Snapshot, GroupChangeKind.Left], kinds);
        Assert.Equal(0, server.Groups.Count);
    }

    [Fact]
    public async Task A_sequence_may_be_enumerated_more_than_once_and_each_begins_with_a_snapshot()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        var changes = server.Groups["room"].FollowAsync();
        await JoinAsync(server, 3);

        for (var i = 0; i < 2; i++)
        {
            await foreach (var change in changes)
            {
                Assert.Equal((GroupChangeKind.Snapshot, 3, true, true), (change.Kind, change.Members.Count, change.IsFirst, change.IsLast));
                break;
            }
        }
    }

    [Fact]
    public async Task A_handler_may_change_what_it_follows_before_its_client_gets_it()
    {
        await using var server = await WireServer.StartAsync(redis, map: static app =>
        {
            GroupEvents.Map(app);
            var groups = app.Services.GetRequiredService<IGroupCollection>();
            app.MapEvent(2110, "COUNTS", (CancellationToken token) => CountsAsync(groups["room"], token));
        });
        await using var watcher = await server.OpenAsync();
        await watcher.SendAsync("[7,2110,null]");
        Assert.Equal("[7,1,[7,2110,0]]", await watcher.ReceiveAsync());
        await using var client = await server.OpenAsync();
        await client.JoinAsync();
        Assert.Equal("[7,2,[7,2110,1]]", await watcher.ReceiveAsync());
        await client.LeaveAsync();
        Assert.Equal("[7,2,[7,2110,0]]", await watcher.ReceiveAsync());
    }

    [Fact]
    public async Task Members_are_a_stream_to_a_client()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        await JoinAsync(server, 2);
        await using var client = await server.OpenAsync();

        await client.SendAsync("""[7,2103,{"name":"room"}]""");

        var messages = await client.ReceiveAsync(3);
        Assert.StartsWith("""[7,1,[7,2103,{"sessionId":"SS.""", messages[0], StringComparison.Ordinal);
        Assert.StartsWith("""[7,2,[7,2103,{"sessionId":"SS.""", messages[1], StringComparison.Ordinal);
        Assert.Equal("[7,3,[7,2103,null]]", messages[2]);
    }

    /// <summary>Adds sessions without sockets to a group.</summary>
    internal static async Task<Session[]> JoinAsync(WireServer server, int count)
    {
        var sessions = new Session[count];
        for (var i = 0; i < count; i++)
        {
            sessions[i] = new Session(server.Context, new SessionTicket($"{i}-0", SessionFields.Empty), new SessionUser());
            await sessions[i].Groups.AddAsync("room");
        }

        return sessions;
    }

    private static async IAsyncEnumerable<int> CountsAsync(IGroup group, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
    {
        var count = 0;
        await foreach (var change in group.FollowAsync(token))
        {
            count = (change.IsFirst ? 0 : count) + (change.Kind == GroupChangeKind.Left ? -1 : change.Members.Count);
            yield return count;
        }
    }

    private static async Task<WireClient> FollowAsync(WireServer server)
    {
        var client = await server.OpenAsync();
        await client.SendAsync("""[7,2102,{"name":"room"}]""");
        return client;
    }

    private static async Task<string> DescribeAsync(WireClient client, int loop)
    {
        var change = await ReceiveAsync(client, loop);
        return $"{change.GetProperty("kind").GetString()} {change.GetProperty("members").GetArrayLength()}"
            + (change.TryGetProperty("isFirst", out _) ? " first" : "") + (change.TryGetProperty("isLast", out _) ? " last" : "");
    }

    // [7, loop, [7, 2102, change]]
    private static async Task<JsonElement> ReceiveAsync(WireClient client, int loop)
    {
        var message = await client.ReceiveAsync();
        using var document = JsonDocument.Parse(message);
        Assert.True(document.RootElement.ValueKind == JsonValueKind.Array && document.RootElement[1].GetInt32() == loop && document.RootElement[2][1].GetInt32() == GroupEvents.Follow, message);
        return document.RootElement[2][2].Clone();
    }

    private static GroupChange Parse(string message)
    {
        using var document = JsonDocument.Parse(message);
        return document.RootElement[2][2].Deserialize<GroupChange>(JsonSerializerOptions.Web)!;
    }

    private static string Blank(JsonElement change) => change.GetProperty("members").EnumerateArray().Aggregate(
        change.ToString(),
        static (text, member) => new[] { "sessionId", "joinId", "joinedAt" }.Aggregate(text, (current, name) => current.Replace(member.GetProperty(name).GetString()!, "", StringComparison.Ordinal)));
}
