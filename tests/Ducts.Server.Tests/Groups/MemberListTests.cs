using Ducts.Groups;

namespace Ducts.Tests.Groups;

/// <summary>The pages of a group's members, against a set: snapshots stay as they were, whatever changes.</summary>
public sealed class MemberListTests
{
    [Fact]
    public void Snapshots_stay_as_they_were_whatever_changes_afterwards()
    {
        var seed = Environment.TickCount;
        for (var round = 0; round < 40; round++)
        {
            Run(seed + round, size: round % 2 == 0 ? 20 : 3 * MemberList.PageSize);
        }
    }

    [Fact]
    public void Many_joins_copy_little()
    {
        const int Members = 100_000;
        var list = new MemberList();
        var members = Enumerable.Range(0, Members).Select(static _ => new Membership(null!, DateTimeOffset.UnixEpoch)).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();

        foreach (var member in members)
        {
            list.Add(member);
        }

        // A reference has 8 bytes; pages that grow, and their list, are copied a few times.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Members * 8 * 3);
        before = GC.GetAllocatedBytesForCurrentThread();
        var taken = list.Take();
        list.Remove(members[0]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * 1024);
        Assert.Equal((Members, Members - 1), (taken.Count, list.Count));
    }

    private static void Run(int seed, int size)
    {
        var random = new Random(seed);
        var list = new MemberList();
        var model = new List<Membership>();
        var snapshots = new List<(MemberList.Snapshot Taken, HashSet<Membership> Expected)>();
        for (var step = 0; step < size * 6; step++)
        {
            // First mostly joins, then mostly leaves.
            if (model.Count == 0 || random.Next(size * 6) > step)
            {
                var member = new Membership(null!, DateTimeOffset.UnixEpoch);
                list.Add(member);
                model.Add(member);
            }
            else
            {
                var at = random.Next(model.Count);
                list.Remove(model[at]);
                model.RemoveAt(at);
            }

            if (random.Next(size / 4) == 0)
            {
                snapshots.Add((list.Take(), [.. model]));
            }
        }

        snapshots.Add((list.Take(), [.. model]));
        foreach (var (taken, expected) in snapshots)
        {
            var found = Enumerable.Range(0, taken.Count).Select(i => taken[i]).ToHashSet();
            Assert.True(taken.Count == expected.Count && found.SetEquals(expected), $"seed {seed}");
        }
    }
}
