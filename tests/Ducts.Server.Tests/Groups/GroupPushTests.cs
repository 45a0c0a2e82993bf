using Ducts.Sessions;
using Ducts.Tests.Identity;
using Ducts.Tests.Support;

namespace Ducts.Tests.Groups;

/// <summary>Messages to the members of a group and to the sessions of a user.</summary>
public sealed class GroupPushTests(RedisFixture redis)
{
    [Fact]
    public async Task A_push_comes_to_each_member_in_its_encoding_and_to_nobody_else()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        await using var packed = await server.OpenAsync();
        await using var text = await server.OpenAsync();
        await using var other = await server.OpenAsync();
        await packed.JoinAsync();
        await other.JoinAsync("other");
        await text.SendTextAsync($$$"""{"request_id":1,"event_id":{{{GroupEvents.Join}}},"data":{"name":"room"}}""");
        await text.ReceiveAsync();

        Assert.Equal(2, await server.Groups["room"].PushAsync("ECHO", new { name = "n" }));
        Assert.Equal(new PushResult(2, 0), await server.Groups["room"].PushAsync(1000, 2, PushMode.SkipSlow));

        Assert.Equal(["""[null,1000,{"name":"n"}]""", "[null,1000,2]"], await packed.ReceiveAsync(2));
        Assert.Equal("""text {"request_id":null,"event_id":1000,"data":{"name":"n"}}""", await text.ReceiveAsync());
        Assert.Equal("[1,1000,1]", await other.CallAsync("[1,1000,1]"));
        Assert.Equal($"[1,{GroupEvents.Leave},true]", await packed.LeaveAsync());
        Assert.Equal(1, await server.Groups["room"].PushAsync(1000, "not to those who left"));
        Assert.Equal("[1,1000,1]", await packed.CallAsync("[1,1000,1]"));
    }

    [Fact]
    public async Task A_push_to_a_group_without_members_reaches_nobody_and_is_checked_all_the_same()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        var group = server.Groups["empty"];

        Assert.Equal("empty", group.Name);
        Assert.Equal(0, await group.PushAsync("ECHO", 1));
        Assert.Equal(0, await group.CountAsync());
        Assert.Empty(await group.ListAsync());
        await Assert.ThrowsAsync<KeyNotFoundException>(async () => await group.PushAsync("NOBODY", 1));
        await Assert.ThrowsAsync<ArgumentException>(async () => await group.PushAsync(1000, new byte[5 * 1024 * 1024]));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await group.PushAsync(1000, 1, (PushMode)7));
        Assert.Equal(0, server.Groups.Count);
    }

    [Fact]
    public async Task A_slow_member_holds_up_none_of_the_others_and_may_be_skipped()
    {
        await using var server = await GroupEvents.StartAsync(redis);
        var issued = await server.IssueAsync();
        var lost = await server.OpenAsync(issued);
        await lost.JoinAsync();
        await using var quick = await server.OpenAsync();
        await quick.JoinAsync();
        lost.Reset();
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));
        var session = server.Session(issued);
        while (!session.Outbox.IsFull)
        {
            await session.CreateView().PushAsync(1000, new byte[512 * 1024]);
        }

        Assert.Equal(new PushResult(Reached: 1, Skipped: 1), await server.Groups["room"].PushAsync("ECHO", "news", PushMode.SkipSlow));
        var waiting = server.Groups["room"].PushAsync(1000, "more news").AsTask();

        Assert.Equal(["[null,1000,\"news\"]", "[null,1000,\"more news\"]"], await quick.ReceiveAsync(2));
        Assert.False(waiting.IsCompleted);
        await server.Registry.CloseAsync(session, SessionEnd.Left);
        Assert.Equal(1, await waiting.WaitAsync(Until.Patience));
    }

    [Fact]
    public async Task A_push_allocates_nothing_for_each_member()
    {
        await using var server = await GroupEvents.StartAsync(redis, static options => options.WebSocketServer.OutboxLimit = options.WebSocketServer.DivideThreshold = 1024);
        await JoinAsync(server, 1, "small");
        await JoinAsync(server, 2_000, "large");
        // Outboxes that take a message grow now and then; full ones are skipped, and what is left is the walk through the members.
        var small = await AllocatedAsync("small");

        Assert.InRange(await AllocatedAsync("large"), 0, small + 256);

        async Task<long> AllocatedAsync(string name)
        {
            var group = server.Groups[name];
            await group.PushAsync(1000, "x", PushMode.SkipSlow);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var pushing = group.PushAsync(1000, "x", PushMode.SkipSlow);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(pushing.IsCompletedSuccessfully);
            Assert.Equal(0, (await pushing).Reached);
            return allocated;
        }

        static async Task JoinAsync(WireServer server, int count, string name)
        {
            for (var i = 0; i < count; i++)
            {
                var session = new Session(server.Context, new SessionTicket($"{i}-0", SessionFields.Empty), new SessionUser());
                await session.Groups.AddAsync(name);
                while (!session.Outbox.IsFull)
                {
                    session.Outbox.Append(default, new byte[512]);
                }
            }
        }
    }

    [Fact]
    public async Task A_push_to_a_user_comes_to_all_sessions_of_the_subject_or_to_those_of_one_issuer()
    {
        await using var server = await UserServer.StartAsync(redis, static options => options.Auth.StreamKeyForSessionOpened = "SESSION/PUSHES");
        await using var first = await server.OpenAsync("sub=ada");
        await using var second = await server.OpenAsync("sub=ada,iss=elsewhere");
        await using var bob = await server.OpenAsync("sub=bob");
        var users = server.Wire.Users;

        Assert.Equal(2, await users["ada"].PushAsync("ECHO", "all of ada"));
        Assert.Equal(1, await users["ada", "elsewhere"].PushAsync(1000, "ada of elsewhere"));
        Assert.Equal(new PushResult(1, 0), await users["ada", "test"].PushAsync("ECHO", "ada of test", PushMode.SkipSlow));
        Assert.Equal(new PushResult(0, 0), await users["nobody"].PushAsync(1000, 1, PushMode.Wait));

        Assert.Equal(["[null,1000,\"all of ada\"]", "[null,1000,\"ada of test\"]"], await first.ReceiveAsync(2));
        Assert.Equal(["[null,1000,\"all of ada\"]", "[null,1000,\"ada of elsewhere\"]"], await second.ReceiveAsync(2));
        Assert.Equal("[1,2000,\"bob\"]", await bob.CallAsync("[1,2000,null]"));
        await Assert.ThrowsAsync<KeyNotFoundException>(async () => await users["ada"].PushAsync("NOBODY", 1));
    }
}
