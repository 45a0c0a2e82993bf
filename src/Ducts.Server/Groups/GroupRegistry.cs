using System.Collections.Concurrent;
using Ducts.Sessions;
using Microsoft.Extensions.Options;

namespace Ducts.Groups;

/// <summary>The groups of this server's sessions, by name: those that have members or are followed.</summary>
/// <remarks>Threading: any thread. Locks are taken in the order session's memberships, group.</remarks>
internal sealed class GroupRegistry : IGroupCollection, IGroupKeeper
{
    private readonly ConcurrentDictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly Broadcast _broadcast;
    private volatile bool _hasEnded;

    public GroupRegistry(IOptions<DuctsOptions> options, TimeProvider time, Broadcast broadcast)
    {
        _time = time;
        _broadcast = broadcast;
        MaxGroups = options.Value.WebSocketServer.MaxGroups;
    }

    /// <summary>Gets the number of groups that a session may be in.</summary>
    public int MaxGroups { get; }

    /// <summary>Gets the number of changes that a follower may be behind before it gets a new snapshot.</summary>
    public int MaxBehind { get; init; } = 10_000;

    /// <summary>Gets the number of members that a page of a snapshot has at most.</summary>
    /// <remarks>With subjects of any usual length it is well below what the first item of a stream may have.</remarks>
    public int PageSize { get; init; } = 1_000;

    /// <summary>Gets whether no session is left and none comes.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>Gets the number of groups that are kept.</summary>
    public int Count => _groups.Count;

    public IGroup this[string name]
    {
        get
        {
            GroupName.Check(name);
            return new NamedGroup(this, name, _broadcast);
        }
    }

    public ISessionMemberships Create(Session session) => new SessionGroups(this, session);

    public Group? Find(string name) => _groups.GetValueOrDefault(name);

    /// <summary>Adds a session to a group, in which it is not.</summary>
    public Membership Join(Session session, string name)
    {
        var member = new Membership(session, _time.GetUtcNow());
        while (!GetOrAdd(name).TryAdd(member))
        {
            // Its last member has left at this moment; it is not in the registry any more.
        }

        return member;
    }

    /// <summary>Returns a group to follow, with or without members.</summary>
    public Group Follow(string name)
    {
        while (true)
        {
            var group = GetOrAdd(name);
            if (group.TryAddFollower())
            {
                return group;
            }
        }
    }

    /// <summary>The server has stopped: those who follow come to the end of what there is.</summary>
    public void End()
    {
        // First: what is followed from here on looks by itself.
        _hasEnded = true;
        foreach (var (_, group) in _groups)
        {
            group.End();
        }
    }

    /// <summary>A group is gone; called before anybody can see that.</summary>
    public void Remove(Group group) => _groups.TryRemove(new KeyValuePair<string, Group>(group.Name, group));

    private Group GetOrAdd(string name) => _groups.GetOrAdd(name, static (name, registry) => new Group(registry, name), this);
}
