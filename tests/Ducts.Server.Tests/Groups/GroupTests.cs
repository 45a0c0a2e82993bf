using Ducts.Sessions;
using Ducts.Tests.Support;

namespace Ducts.Tests.Groups;

/// <summary>Who is in a group, and how that ends.</summary>
public sealed class GroupTests(RedisFixture redis)
{
    [Fact]
    public async Task A_session_joins_once_leaves_once_and_tells_its_groups()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.OpenAsync(issued);
        var groups = server.Session(issued).CreateView().Groups;

        Assert.True(await groups.AddAsync("room:1"));
        Assert.False(await groups.AddAsync("room:1"));
        Assert.True(await groups.AddAsync("Room:1"));

        Assert.Equal(["Room:1", "room:1"], groups.Order(StringComparer.Ordinal));
        Assert.Equal(2, groups.Count);
        Assert.True(groups.Contains("room:1"));
        Assert.Equal(1, await server.Groups["room:1"].CountAsync());
        Assert.True(await groups.RemoveAsync("room:1"));
        Assert.False(await groups.RemoveAsync("room:1"));
        Assert.Equal(["Room:1"], groups);
        Assert.False(groups.Contains("room:1"));
        Assert.Equal(0, await server.Groups["room:1"].CountAsync());
    }

    [Fact]
    public async Task Members_say_which_session_joined_and_when_and_each_join_has_an_id_of_its_own()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.OpenAsync(issued);
        var before = DateTimeOffset.UtcNow.AddMilliseconds(-1);
        await client.JoinAsync();
        await client.JoinAsync("other");

        var member = Assert.Single(await server.Groups["room"].ListAsync());

        Assert.Equal(server.Session(issued).SessionId, member.SessionId);
        Assert.InRange(member.JoinedAt, before, DateTimeOffset.UtcNow.AddMilliseconds(1));
        Assert.Equal((null, null, null), (member.Node, member.Subject, member.Issuer));
        Assert.Equal(member, Assert.Single(await server.Groups["room"].ListAsync()));
        var other = Assert.Single(await server.Groups["other"].ListAsync());
        Assert.NotEqual(member.JoinId, other.JoinId);
        await client.LeaveAsync();
        await client.JoinAsync();
        Assert.NotEqual(member.JoinId, Assert.Single(await server.Groups["room"].ListAsync()).JoinId);
        Assert.Equal([other], await server.Groups["other"].ListAsync());
    }

    [Fact]
    public async Task A_session_that_ends_leaves_all_its_groups_and_nothing_of_them_is_kept()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.OpenAsync(issued);
        await using var other = await server.OpenAsync();
        await client.JoinAsync("a");
        await client.JoinAsync("b");
        await other.JoinAsync("b");
        var session = server.Session(issued);

        await server.Registry.CloseAsync(session, SessionEnd.Left);

        Assert.Empty(session.Groups);
        Assert.Equal(0, await server.Groups["a"].CountAsync());
        Assert.Equal(1, await server.Groups["b"].CountAsync());
        Assert.Equal(1, server.Groups.Count);
        await other.LeaveAsync("b");
        Assert.Equal(0, server.Groups.Count);
    }

    [Fact]
    public async Task A_session_that_waits_for_a_reconnect_stays_a_member_and_one_that_does_not_come_back_leaves()
    {
        await using var server = await GroupEvents.StartAsync(redis, static options => options.WebSocketServer.ReconnectTimeout = TimeSpan.FromSeconds(1));
        var issued = await server.IssueAsync();
        var lost = await server.OpenAsync(issued);
        await lost.JoinAsync();
        lost.Reset();
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));
        Assert.Equal(1, await server.Groups["room"].CountAsync());

        var back = await server.ReconnectAsync(issued);
        Assert.Equal(1, await server.Groups["room"].PushAsync(1000, "welcome back"));
        Assert.Contains("[null,1000,\"welcome back\"]", await back.ReceiveAsync(2));
        back.Reset();

        await Until.TrueAsync(async () => await server.Groups["room"].CountAsync() == 0);
        Assert.Equal(0, server.Groups.Count);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_session_that_has_ended_joins_nothing_any_more()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.OpenAsync(issued);
        var session = server.Session(issued).CreateView();
        await server.Registry.CloseAsync(server.Session(issued), SessionEnd.Left);

        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await session.Groups.AddAsync("room"));

        Assert.Equal("The session has ended; it cannot join a group.", thrown.Message);
        Assert.False(await session.Groups.RemoveAsync("room"));
        Assert.Equal(0, server.Groups.Count);
    }

    [Fact]
    public async Task A_session_that_never_opened_is_in_no_group()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        var session = new Session(server.Context, new SessionTicket("1-1", SessionFields.Empty), new SessionUser());
        await session.CreateView().Groups.AddAsync("room");

        session.Abandon();

        Assert.Equal(0, server.Groups.Count);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await session.Groups.AddAsync("room"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_group_needs_a_name(string? name)
    {
        await using var server = await GroupEvents.StartAsync(redis);
        var groups = new Session(server.Context, new SessionTicket("1-1", SessionFields.Empty), new SessionUser()).Groups;

        Assert.ThrowsAny<ArgumentException>(() => server.Groups[name!]);
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await groups.AddAsync(name!));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await groups.RemoveAsync(name!));
    }

    [Fact]
    public async Task A_name_has_at_most_256_bytes_and_is_valid_text()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        await using var client = await server.OpenAsync();
        await client.JoinAsync(new string('ä', 128));

        var answer = await client.CallAsync($$"""[1,{{GroupEvents.Join}},{"name":"{{new string('ä', 128)}}x"}]""");

        Assert.StartsWith($"[1,-{GroupEvents.Join},\"ValueError(", answer, StringComparison.Ordinal);
        Assert.Contains("The name of the group has 257 bytes in UTF-8, but may have at most 256.", answer, StringComparison.Ordinal);
        var thrown = Assert.Throws<ArgumentException>(() => server.Groups["half of one: \ud83d"]);
        Assert.StartsWith("The name of the group has half of a surrogate pair", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_is_in_no_more_groups_than_it_may_be()
    {
        await using var server = await GroupEvents.StartAsync(redis, static options => options.WebSocketServer.MaxGroups = 2);
        await using var client = await server.OpenAsync();
        await client.JoinAsync("a");
        await client.JoinAsync("b");

        Assert.Equal(
            $"[1,-{GroupEvents.Join},\"RuntimeError('This session is in 2 groups, which is the most that it may be in; leave one first (option max_groups).')\"]",
            await client.CallAsync($$"""[1,{{GroupEvents.Join}},{"name":"c"}]"""));
        Assert.Equal($"[1,{GroupEvents.Join},false]", await client.CallAsync($$"""[1,{{GroupEvents.Join}},{"name":"a"}]"""));
        await client.LeaveAsync("a");
        await client.JoinAsync("c");
        Assert.Equal(0, await server.Groups["a"].CountAsync());
    }

    [Fact]
    public async Task Cancelled_tokens_change_nothing()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        var groups = new Session(server.Context, new SessionTicket("1-1", SessionFields.Empty), new SessionUser()).Groups;
        await groups.AddAsync("in");
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await groups.AddAsync("room", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await groups.RemoveAsync("in", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await server.Groups["in"].CountAsync(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await server.Groups["in"].PushAsync(1000, 1, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await server.Groups["in"].MembersAsync(cancelled).GetAsyncEnumerator().MoveNextAsync());

        Assert.Equal(["in"], groups);
    }

    [Fact]
    public async Task Hooks_join_and_in_those_of_the_end_the_session_has_left()
    {
        var script = new HookScript();
        var told = new TaskCompletionSource<(int Groups, int Members, int Reached, string Error)>(TaskCreationOptions.RunContinuationsAsynchronously);
        WireServer server = null!;
        script.Connected = static async (session, token) => await session.Groups.AddAsync("room", token);
        script.Closed = async (session, token) =>
        {
            var room = server.Groups["room"];
            var error = await Record.ExceptionAsync(async () => await session.Groups.AddAsync("room", token));
            told.TrySetResult((session.Groups.Count, await room.CountAsync(token), await room.PushAsync(1000, "one has left", token), error!.Message));
        };
        await using (server = await script.StartAsync(redis))
        {
            var issued = await server.IssueAsync();
            await using var leaver = await server.OpenAsync(issued);
            await using var stayer = await server.OpenAsync();
            Assert.Equal(2, await server.Groups["room"].CountAsync());

            await server.Registry.CloseAsync(server.Session(issued), SessionEnd.Left);

            Assert.Equal((0, 1, 1, "The session has ended; it cannot join a group."), await told.Task.WaitAsync(Until.Patience));
            Assert.Equal("[null,1000,\"one has left\"]", await stayer.ReceiveAsync());
        }
    }

    [Fact]
    public async Task A_session_that_a_hook_refuses_is_in_no_group_afterwards()
    {
        var script = new HookScript
        {
            Connected = static async (session, token) =>
            {
                await session.Groups.AddAsync("room", token);
                throw EventException.PermissionDenied("members only");
            },
        };
        await using var server = await script.StartAsync(redis);

        await using var refused = await WireClient.AskAsync(server.Port, (await server.IssueAsync()).Path);

        Assert.Equal(403, refused.Status);
        await Until.TrueAsync(() => server.Groups.Count == 0);
    }
}
