using Ducts.Topics;

namespace Ducts.Groups;

/// <summary>A group that has members, or is followed; the registry has it as long.</summary>
/// <remarks>Threading: any thread, under one lock, under which no code of handlers runs and nothing is copied that grows with the group.</remarks>
internal sealed class Group(GroupRegistry registry, string name)
{
    private readonly Lock _gate = new();
    private readonly MemberList _members = new();

    // Only while somebody follows: joins and leaves of other groups cost nothing more.
    private Topic<GroupChange>? _changes;
    private int _followers;
    private bool _isComplete;
    private bool _isGone;

    public string Name => name;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _members.Count;
            }
        }
    }

    public MemberList.Snapshot Take()
    {
        lock (_gate)
        {
            return _members.Take();
        }
    }

    /// <summary>Adds a member.</summary>
    /// <returns>False when this is gone, and another of its name has to be found.</returns>
    public bool TryAdd(Membership member)
    {
        lock (_gate)
        {
            if (_isGone)
            {
                return false;
            }

            _members.Add(member);
            member.Group = this;
            Tell(GroupChangeKind.Joined, member);
            return true;
        }
    }

    public void Remove(Membership member)
    {
        lock (_gate)
        {
            _members.Remove(member);
            Tell(GroupChangeKind.Left, member);
            GoIfUnused();
        }
    }

    /// <summary>Somebody follows, and calls <see cref="RemoveFollower"/> in the end.</summary>
    /// <returns>False when this is gone, and another of its name has to be found.</returns>
    public bool TryAddFollower()
    {
        lock (_gate)
        {
            if (_isGone)
            {
                return false;
            }

            _followers++;
            _changes ??= new Topic<GroupChange>(registry.MaxBehind);
            EndIfOver();
            return true;
        }
    }

    public void RemoveFollower()
    {
        lock (_gate)
        {
            if (--_followers == 0)
            {
                _changes = null;
                _isComplete = false;
            }

            GoIfUnused();
        }
    }

    /// <summary>Begins to read: the members, and all changes that come after them.</summary>
    /// <param name="sink">Sends changes while their reader waits; null for none.</param>
    /// <param name="cancellationToken">Ends a wait with an exception.</param>
    public (MemberList.Snapshot Members, TopicReader<GroupChange> Changes) Read(TopicStream<GroupChange>? sink, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return (_members.Take(), new TopicReader<GroupChange>(_changes!, _changes!.Last, sink, cancellationToken));
        }
    }

    /// <summary>The server has stopped: there are no further changes.</summary>
    public void End()
    {
        lock (_gate)
        {
            EndIfOver();
        }
    }

    // Under the lock, so that all who follow see the same order.
    private void Tell(GroupChangeKind kind, Membership member)
    {
        if (!_isComplete)
        {
            _changes?.Publish(new GroupChange(kind, [member.Describe()]));
        }
    }

    private void EndIfOver()
    {
        if (registry.HasEnded && !_isComplete && _changes is not null)
        {
            _isComplete = true;
            _changes.Complete();
        }
    }

    private void GoIfUnused()
    {
        if (_members.Count == 0 && _followers == 0)
        {
            _isGone = true;
            registry.Remove(this);
        }
    }
}
