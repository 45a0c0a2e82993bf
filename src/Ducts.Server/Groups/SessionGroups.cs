using System.Collections;
using Ducts.Sessions;

namespace Ducts.Groups;

/// <summary>The groups that one session is in.</summary>
/// <remarks>Threading: any thread. A session joins and leaves under one lock, so that none joins behind the end.</remarks>
internal sealed class SessionGroups(GroupRegistry registry, Session session) : ISessionMemberships
{
    private readonly Lock _gate = new();
    private Dictionary<string, Membership>? _memberships;
    private bool _isOver;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _memberships?.Count ?? 0;
            }
        }
    }

    public bool Contains(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        lock (_gate)
        {
            return _memberships?.ContainsKey(name) == true;
        }
    }

    public ValueTask<bool> AddAsync(string name, CancellationToken cancellationToken = default)
    {
        GroupName.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_isOver)
            {
                throw new OperationCanceledException("The session has ended; it cannot join a group.", session.Closed);
            }

            if (_memberships?.ContainsKey(name) == true)
            {
                return new ValueTask<bool>(false);
            }

            if (_memberships?.Count >= registry.MaxGroups)
            {
                throw new GroupLimitException(registry.MaxGroups);
            }

            (_memberships ??= new(StringComparer.Ordinal)).Add(name, registry.Join(session, name));
            return new ValueTask<bool>(true);
        }
    }

    public ValueTask<bool> RemoveAsync(string name, CancellationToken cancellationToken = default)
    {
        GroupName.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_memberships?.Remove(name, out var membership) != true)
            {
                return new ValueTask<bool>(false);
            }

            membership!.Group!.Remove(membership);
            return new ValueTask<bool>(true);
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _isOver = true;
            if (_memberships is null)
            {
                return;
            }

            foreach (var membership in _memberships.Values)
            {
                membership.Group!.Remove(membership);
            }

            _memberships = null;
        }
    }

    public IEnumerator<string> GetEnumerator()
    {
        lock (_gate)
        {
            IEnumerable<string> names = _memberships is null ? [] : [.. _memberships.Keys];
            return names.GetEnumerator();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
