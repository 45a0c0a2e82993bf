namespace Ducts.Tests.Groups;

/// <summary>What a reader of a group's changes knows, checked with each of them.</summary>
internal sealed class Follower
{
    private readonly Dictionary<Guid, GroupMember> _members = [];
    private readonly HashSet<Guid> _known = [];
    private bool _isComplete = true;

    /// <summary>Gets who is in the group, by session and then by join.</summary>
    public IEnumerable<GroupMember> Members => _members.Values;

    public int Snapshots { get; private set; }

    public int Changes { get; private set; }

    /// <summary>Gets whether the snapshot that has begun has ended.</summary>
    public bool IsComplete => _isComplete;

    public void Take(GroupChange change, int pageSize = 1_000)
    {
        switch (change.Kind)
        {
            case GroupChangeKind.Snapshot:
                Assert.InRange(change.Members.Count, change.IsFirst ? 0 : 1, pageSize);
                // A snapshot may begin anew only where changes were being read.
                Assert.Equal(change.IsFirst, _isComplete);
                if (change.IsFirst)
                {
                    Snapshots++;
                    _members.Clear();
                }

                foreach (var member in change.Members)
                {
                    _members.Add(member.JoinId, member);
                    _known.Add(member.JoinId);
                }

                _isComplete = change.IsLast;
                break;
            case GroupChangeKind.Joined:
                Assert.True(_isComplete && !change.IsFirst && !change.IsLast);
                var joined = Assert.Single(change.Members);
                Assert.DoesNotContain(_members.Values, member => member.SessionId == joined.SessionId);
                Assert.True(_known.Add(joined.JoinId), "The join was known.");
                _members.Add(joined.JoinId, joined);
                Changes++;
                break;
            default:
                Assert.True(_isComplete && !change.IsFirst && !change.IsLast);
                var left = Assert.Single(change.Members);
                Assert.True(_members.Remove(left.JoinId, out var was), "Somebody left who was not there.");
                Assert.Equal(was, left);
                Changes++;
                break;
        }
    }
}
