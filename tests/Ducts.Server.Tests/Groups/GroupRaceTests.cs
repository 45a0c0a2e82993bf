using Ducts.Groups;
using Ducts.Sessions;
using Ducts.Tests.Support;
using Microsoft.Extensions.Options;

namespace Ducts.Tests.Groups;

/// <summary>Joins, leaves and ends on many threads.</summary>
public sealed class GroupRaceTests(RedisFixture redis)
{
    private const int Threads = 8;

    [Fact]
    public async Task A_session_that_ends_while_it_joins_leaves_no_ghost()
    {
        const int Rounds = 5_000;
        const int Joiners = 2;
        await using var server = await WireServer.StartAsync(redis);
        SessionView view = null!;
        using var begin = new Barrier(Joiners + 1);
        using var end = new Barrier(Joiners + 1);
        // Threads of their own, which begin each round together.
        var joining = Enumerable.Range(0, Joiners).Select(thread => Task.Factory.StartNew(
            () =>
            {
                for (var round = 0; round < Rounds; round++)
                {
                    begin.SignalAndWait();
                    JoinUntilItEnds(view.Groups, leavesToo: thread == 1);
                    end.SignalAndWait();
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            var session = new Session(server.Context, new SessionTicket($"{round}-0", SessionFields.Empty), new SessionUser());
            view = session.CreateView();
            begin.SignalAndWait();
            Thread.SpinWait(round % 500);

            if (round % 3 == 0)
            {
                session.Abandon();
            }
            else
            {
                await session.CloseAsync(SessionEnd.Left);
            }

            // At once: nobody who hears of the end finds it in a group.
            Assert.Empty(session.Groups);
            Assert.True(end.SignalAndWait(Until.Patience));
            Assert.Equal(0, server.Groups.Count);
        }

        await Task.WhenAll(joining).WaitAsync(Until.Patience);
    }

    [Fact]
    public async Task Followers_agree_while_many_threads_join_leave_and_end()
    {
        const int Sessions = 60;
        const int Rounds = 2_000;
        await using var server = await WireServer.StartAsync(redis);
        var registry = new GroupRegistry(Options.Create(new DuctsOptions()), TimeProvider.System, null!);
        var small = new GroupRegistry(Options.Create(new DuctsOptions()), TimeProvider.System, null!) { MaxBehind = 5, PageSize = 7 };
        foreach (var (groups, isSlow) in new[] { (registry, false), (small, true) })
        {
            using var done = new CancellationTokenSource();
            var early = Enumerable.Range(0, 3).Select(_ => FollowAsync(groups, isSlow, done.Token)).ToArray();
            await Task.WhenAll(early.Select(static follower => follower.Started));
            var sessions = Enumerable.Range(0, Sessions).Select(_ => Open(server, groups)).ToArray();
            var late = new List<Following>();

            await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
            {
                var random = new Random(thread);
                for (var round = 0; round < Rounds; round++)
                {
                    var at = random.Next(Sessions);
                    switch (random.Next(10))
                    {
                        case 0:
                            Interlocked.Exchange(ref sessions[at], Open(server, groups)).Leave();
                            break;
                        case < 6:
                            await AddAsync(sessions[at]);
                            break;
                        default:
                            await sessions[at].RemoveAsync("room");
                            break;
                    }

                    if (thread == 0 && round % 50 == 0)
                    {
                        late.Add(FollowAsync(groups, isSlow, done.Token));
                    }
                }
            })));

            var members = (await groups["room"].ListAsync()).ToHashSet();
            Assert.Equal(sessions.Count(static session => session.Contains("room")), members.Count);
            foreach (var following in early.Concat(late))
            {
                await Until.TrueAsync(() => following.Has(members));
            }

            if (!isSlow)
            {
                Assert.All(early, static follower => Assert.Equal(1, follower.Snapshots));
                Assert.All(early, follower => Assert.Equal(early[0].Order, follower.Order));
            }

            foreach (var session in sessions)
            {
                session.Leave();
            }

            foreach (var following in early.Concat(late))
            {
                await Until.TrueAsync(() => following.Has([]));
            }

            await done.CancelAsync();
            await Task.WhenAll(early.Concat(late).Select(static following => following.Ended)).WaitAsync(Until.Patience);
            Assert.Equal(0, groups.Count);
        }
    }

    [Fact]
    public async Task Pushes_while_members_come_and_go_reach_those_who_stay()
    {
        const int Pushes = 300;
        await using var server = await GroupEvents.StartAsync(redis);
        await using var stayer = await server.OpenAsync();
        await stayer.JoinAsync();
        using var done = new CancellationTokenSource();
        var coming = Enumerable.Range(0, 3).Select(thread => Task.Run(async () =>
        {
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                var session = new Session(server.Context, new SessionTicket($"{thread}-{i}", SessionFields.Empty), new SessionUser());
                await session.Groups.AddAsync("room");
                await session.CloseAsync(SessionEnd.Left);
            }
        })).ToArray();

        for (var i = 0; i < Pushes; i++)
        {
            Assert.InRange(await server.Groups["room"].PushAsync(1000, i), 1, 4);
        }

        await done.CancelAsync();
        await Task.WhenAll(coming).WaitAsync(Until.Patience);
        for (var i = 0; i < Pushes; i++)
        {
            Assert.Equal($"[null,1000,{i}]", await stayer.ReceiveAsync());
        }

        Assert.Equal(1, await server.Groups["room"].CountAsync());
    }

    // Also by way of their first use.
    private static void JoinUntilItEnds(ISessionGroups groups, bool leavesToo)
    {
        try
        {
            for (var i = 0; ; i = (i + 1) % 5)
            {
                // Both complete at once.
                Assert.True(groups.AddAsync($"g{i}").AsTask().IsCompletedSuccessfully);
                if (leavesToo)
                {
                    Assert.True(groups.RemoveAsync($"g{i}").AsTask().IsCompletedSuccessfully);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended.
        }
    }

    private static ISessionMemberships Open(WireServer server, GroupRegistry groups) =>
        groups.Create(new Session(server.Context, new SessionTicket($"{Random.Shared.Next()}-{Random.Shared.Next()}", SessionFields.Empty), new SessionUser()));

    private static async Task AddAsync(ISessionGroups groups)
    {
        try
        {
            await groups.AddAsync("room");
        }
        catch (OperationCanceledException)
        {
            // It has ended meanwhile.
        }
    }

    private static Following FollowAsync(GroupRegistry groups, bool isSlow, CancellationToken token)
    {
        var following = new Following(groups.PageSize);
        following.Ended = Task.Run(() => following.RunAsync(groups["room"], isSlow, token), CancellationToken.None);
        return following;
    }

    private sealed class Following(int pageSize)
    {
        private readonly Lock _gate = new();
        private readonly Follower _follower = new();
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<(GroupChangeKind Kind, Guid JoinId)> _order = [];

        public Task Started => _started.Task;

        public Task Ended { get; set; } = Task.CompletedTask;

        public int Snapshots
        {
            get
            {
                lock (_gate)
                    return _follower.Snapshots;
            }
        }

        public IReadOnlyList<(GroupChangeKind Kind, Guid JoinId)> Order
        {
            get
            {
                lock (_gate)
                    return [.. _order];
            }
        }

        public bool Has(HashSet<GroupMember> members)
        {
            // What it has found wrong is why it never has them.
            if (Ended.IsFaulted)
                Ended.GetAwaiter().GetResult();
            lock (_gate)
                return _follower.IsComplete && members.SetEquals(_follower.Members);
        }

        public async Task RunAsync(IGroup group, bool isSlow, CancellationToken token)
        {
            try
            {
                await foreach (var change in group.FollowAsync(token))
                {
                    lock (_gate)
                    {
                        _follower.Take(change, pageSize);
                        if (change.Kind != GroupChangeKind.Snapshot)
                            _order.Add((change.Kind, change.Members[0].JoinId));
                    }

                    _started.TrySetResult();
                    if (isSlow)
                        Thread.SpinWait(2_000);
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }
}
