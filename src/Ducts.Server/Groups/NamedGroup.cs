using System.Runtime.CompilerServices;
using Ducts.Sessions;

namespace Ducts.Groups;

/// <summary>The group of a name, whether anybody is in it or not.</summary>
internal sealed class NamedGroup(GroupRegistry registry, string name, Broadcast broadcast) : PushTarget(broadcast), IGroup
{
    public string Name => name;

    protected override IEnumerable<Session> Targets => registry.Find(name)?.Take().Sessions() ?? [];

    protected override PushScope Scope => new(PushScopeKind.Group, name);

    public ValueTask<int> CountAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<int>(registry.Find(name)?.Count ?? 0);
    }

    public IAsyncEnumerable<GroupMember> MembersAsync(CancellationToken cancellationToken = default) => EnumerateAsync(cancellationToken);

    public IAsyncEnumerable<GroupChange> FollowAsync(CancellationToken cancellationToken = default) => new GroupFollowing(registry, name, cancellationToken);

    private async IAsyncEnumerable<GroupMember> EnumerateAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (registry.Find(name)?.Take() is not { } members)
        {
            yield break;
        }

        for (var i = 0; i < members.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return members[i].Describe();
        }

        await ValueTask.CompletedTask;
    }
}
