using Ducts.Groups;
using Ducts.Sessions;
using Ducts.Tests.Support;
using Microsoft.Extensions.Options;

namespace Ducts.Tests.Groups;

/// <summary>
/// Following a group, against a list of what happened: whatever joins, leaves and ends, and whenever followers read, each has the
/// state of some moment and then every change after it, once and in order.
/// </summary>
public sealed class GroupModelTests(RedisFixture redis)
{
    private const int Schedules = 1000;
    private const int Steps = 150;

    [Fact]
    public async Task Every_follower_has_a_snapshot_and_then_every_change_once_and_in_order()
    {
        await using var server = await WireServer.StartAsync(redis);
        var first = int.TryParse(Environment.GetEnvironmentVariable("DUCTS_TEST_SEED"), out var seeded) ? seeded : Environment.TickCount;
        var snapshots = 0;
        for (var i = 0; i < Schedules; i++)
        {
            var seed = unchecked(first + i);
            try
            {
                var random = new Random(seed);
                var registry = new GroupRegistry(Options.Create(new DuctsOptions()), TimeProvider.System, null!)
                {
                    MaxBehind = random.Next(1, 30),
                    PageSize = random.Next(1, 6),
                };
                snapshots += await new Schedule(server, registry, random).RunAsync();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"DUCTS_TEST_SEED={seed} fails: {exception.Message}", exception);
            }
        }

        // Some have fallen behind, or this proves less than it says.
        Assert.True(snapshots > 0);
    }

    private sealed class Schedule(WireServer server, GroupRegistry registry, Random random)
    {
        private readonly List<(Session Session, ISessionMemberships Groups)> _sessions = [];
        private readonly List<Reader> _readers = [];

        // Who is in the group after each change, and the changes between.
        private readonly List<HashSet<string>> _states = [[]];
        private readonly List<(GroupChangeKind Kind, string SessionId)> _log = [];
        private int _opened;

        private GroupRegistry Groups => registry;

        /// <returns>How many followers were given a new snapshot.</returns>
        public async Task<int> RunAsync()
        {
            for (var i = 0; i < Steps; i++)
            {
                await StepAsync();
            }

            foreach (var reader in _readers)
            {
                await reader.ReadToEndAsync();
                await reader.DisposeAsync();
            }

            Assert.Equal(_states[^1].Count, await registry["room"].CountAsync());
            Assert.Equal(_states[^1].Order(StringComparer.Ordinal), (await registry["room"].ListAsync()).Select(static member => member.SessionId).Order(StringComparer.Ordinal));
            foreach (var (_, groups) in _sessions)
            {
                groups.Leave();
            }

            Assert.Equal(0, registry.Count);
            return _readers.Sum(static reader => reader.Snapshots - 1);
        }

        private async Task StepAsync()
        {
            switch (random.Next(12))
            {
                case 0 when _readers.Count < 4:
                    _readers.Add(new Reader(this));
                    break;
                case 1 or 2:
                    var opened = new Session(server.Context, new SessionTicket($"{++_opened}-0", SessionFields.Empty), new SessionUser());
                    _sessions.Add((opened, registry.Create(opened)));
                    break;
                case 3 when _sessions.Count > 0:
                    var ended = random.Next(_sessions.Count);
                    _sessions[ended].Groups.Leave();
                    Left(_sessions[ended].Session);
                    _sessions.RemoveAt(ended);
                    break;
                case 4 or 5 or 6 when _sessions.Count > 0:
                    var (joiner, joins) = _sessions[random.Next(_sessions.Count)];
                    await joins.AddAsync("other");
                    Assert.Equal(!_states[^1].Contains(joiner.SessionId), await joins.AddAsync("room"));
                    Joined(joiner);
                    break;
                case 7 or 8 when _sessions.Count > 0:
                    var (leaver, leaves) = _sessions[random.Next(_sessions.Count)];
                    Assert.Equal(_states[^1].Contains(leaver.SessionId), await leaves.RemoveAsync("room"));
                    Left(leaver);
                    break;
                case 9:
                    // Many at once, so that some fall behind.
                    foreach (var (session, groups) in _sessions)
                    {
                        await groups.RemoveAsync("room");
                        Left(session);
                        await groups.AddAsync("room");
                        Joined(session);
                    }

                    break;
                default:
                    if (_readers.Count > 0)
                    {
                        await _readers[random.Next(_readers.Count)].ReadAsync(random.Next(1, 8));
                    }

                    break;
            }
        }

        private void Joined(Session session)
        {
            if (!_states[^1].Contains(session.SessionId))
            {
                _log.Add((GroupChangeKind.Joined, session.SessionId));
                _states.Add([.. _states[^1], session.SessionId]);
            }
        }

        private void Left(Session session)
        {
            if (_states[^1].Contains(session.SessionId))
            {
                _log.Add((GroupChangeKind.Left, session.SessionId));
                _states.Add([.. _states[^1].Where(id => id != session.SessionId)]);
            }
        }

        private sealed class Reader(Schedule schedule) : IAsyncDisposable
        {
            private readonly IAsyncEnumerator<GroupChange> _changes = schedule.Groups["room"].FollowAsync().GetAsyncEnumerator();
            private readonly Follower _follower = new();
            private Task<bool>? _next;

            // How many changes it may have: a state may have been there more than once.
            private HashSet<int> _places = [];

            public int Snapshots => _follower.Snapshots;

            /// <summary>Reads some changes, if they have come.</summary>
            public async Task ReadAsync(int count)
            {
                for (var i = 0; i < count; i++)
                {
                    _next ??= _changes.MoveNextAsync().AsTask();
                    // What is there comes without a wait, or on another thread soon; what is not stays for the next time.
                    await Task.Yield();
                    if (!_next.IsCompleted)
                    {
                        return;
                    }

                    await TakeAsync();
                }
            }

            public async Task ReadToEndAsync()
            {
                while (!_follower.IsComplete || !_places.Contains(schedule._log.Count))
                {
                    _next ??= _changes.MoveNextAsync().AsTask();
                    await TakeAsync();
                }

                Assert.Equal(schedule._states[^1].Order(StringComparer.Ordinal), _follower.Members.Select(static member => member.SessionId).Order(StringComparer.Ordinal));
            }

            public async ValueTask DisposeAsync()
            {
                if (_next is not null)
                {
                    // It waits for what does not come; one more change ends that.
                    var (session, groups) = schedule.Last();
                    await groups.RemoveAsync("room");
                    schedule.Left(session);
                    await groups.AddAsync("room");
                    schedule.Joined(session);
                    await _next.WaitAsync(Until.Patience);
                }

                await _changes.DisposeAsync();
            }

            private async Task TakeAsync()
            {
                Assert.True(await _next!.WaitAsync(Until.Patience));
                _next = null;
                var change = _changes.Current;
                var earliest = _places.Count == 0 ? 0 : _places.Min();
                _follower.Take(change, schedule.Groups.PageSize);
                if (change.Kind != GroupChangeKind.Snapshot)
                {
                    var told = (change.Kind, change.Members[0].SessionId);
                    _places = [.. _places.Where(place => place < schedule._log.Count && schedule._log[place] == told).Select(static place => place + 1)];
                    Assert.True(_places.Count > 0, $"{told} does not follow.");
                }
                else if (change.IsLast)
                {
                    var members = _follower.Members.Select(static member => member.SessionId).ToHashSet(StringComparer.Ordinal);
                    _places = [.. Enumerable.Range(earliest, schedule._states.Count - earliest).Where(place => schedule._states[place].SetEquals(members))];
                    Assert.True(_places.Count > 0, "The snapshot is of no moment.");
                }
            }
        }

        private (Session Session, ISessionMemberships Groups) Last()
        {
            if (_sessions.Count == 0)
            {
                var opened = new Session(server.Context, new SessionTicket($"{++_opened}-0", SessionFields.Empty), new SessionUser());
                _sessions.Add((opened, registry.Create(opened)));
            }

            return _sessions[^1];
        }
    }
}
