using Ducts.Groups;
using Ducts.Sessions;

namespace Ducts.Cluster;

/// <summary>Does for this node's sessions what another node asks of all.</summary>
internal sealed class NodeFeedReceiver(SessionRegistry sessions, UserCollection users, GroupRegistry groups)
{
    public void CloseUser(string subject, string? issuer, string reason) => users.CloseHere(subject, issuer, reason);

    public void Push(PushScope scope, ReadOnlySpan<byte> packed, PushMode mode)
    {
        var target = scope.Kind switch
        {
            PushScopeKind.User => (PushTarget)(scope.Issuer is { } issuer ? users[scope.Name, issuer] : users[scope.Name]),
            PushScopeKind.Group => (PushTarget)groups[scope.Name],
            _ => sessions,
        };
        target.Receive(packed, mode);
    }
}
