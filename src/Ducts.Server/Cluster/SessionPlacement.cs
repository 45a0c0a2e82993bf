using System.Collections.Concurrent;
using Ducts.Sessions;
using Microsoft.AspNetCore.Http;

namespace Ducts.Cluster;

/// <summary>Where sessions live that several nodes share: each with the node that opened it, until that dies.</summary>
/// <remarks>Threading: any thread.</remarks>
internal sealed class SessionPlacement(
    IClusterStore store,
    NodeLease lease,
    NodeWatch watch,
    NodeForwarder forwarder,
    SessionImages images,
    ClusterLog log) : ISessionPlacement
{
    // Far longer than a handshake takes whose ticket was read just before.
    private static readonly TimeSpan OverPeriod = TimeSpan.FromMinutes(2);

    // Claims of this node to which Redis has given no answer: they may have happened.
    private readonly ConcurrentDictionary<string, byte> _doubtful = new(StringComparer.Ordinal);

    public async ValueTask<SessionPlace> FindAsync(SessionUrlId id, CancellationToken cancellationToken)
    {
        if (await store.ReadAsync(id.StreamId, cancellationToken) is not { } record)
            return new SessionPlace(lease.IsValid ? SessionPlaceKind.Nowhere : SessionPlaceKind.Unknown);
        if (record.IsOver || !SessionImages.HasSecret(record, id.Secret))
            return new SessionPlace(SessionPlaceKind.Over);
        if (record.Owner == lease.Id)
        {
            // Whatever opened it here is on its way, or was lost on it.
            var kind = _doubtful.ContainsKey(id.StreamId) ? SessionPlaceKind.Orphaned : SessionPlaceKind.Nowhere;
            return new SessionPlace(lease.IsValid ? kind : SessionPlaceKind.Unknown);
        }

        var owner = await watch.FindAsync(record.Owner, cancellationToken);
        if (!owner.IsDead)
            return new SessionPlace(SessionPlaceKind.Elsewhere, owner.Id);
        return new SessionPlace(lease.IsValid ? SessionPlaceKind.Orphaned : SessionPlaceKind.Unknown);
    }

    public async ValueTask<SessionHolding?> TakeAsync(SessionTicket ticket, SessionUser user, bool resumes, CancellationToken cancellationToken)
    {
        var node = lease.Id;
        // First, so that whoever looks after a dead node's sessions finds it.
        if (!lease.IsValid || !await store.NoteAsync(node, ticket.StreamId, cancellationToken))
            return null;
        var record = await store.TakeAsync(node, ticket.StreamId, images.Write(ticket, user, resumes), cancellationToken);
        if (record.Owner == node)
            return new SessionHolding(node, record.Epoch);
        await store.UnnoteAsync(node, ticket.StreamId, cancellationToken);
        return null;
    }

    public async ValueTask<SessionImage?> ClaimAsync(string streamId, CancellationToken cancellationToken)
    {
        var node = lease.Id;
        if (await store.ReadAsync(streamId, cancellationToken) is not { IsOver: false } record
            || !await IsOrphanAsync(streamId, record, node, cancellationToken)
            || !lease.IsValid || !await store.NoteAsync(node, streamId, cancellationToken))
        {
            return null;
        }

        // From here on not canceled: a client that goes away now would leave a session that this node owns and does not have, and whoever
        // comes for it next would open it as if it were new.
        _doubtful[streamId] = 0;
        var epoch = await store.ClaimAsync(node, streamId, record.Owner, record.Epoch, CancellationToken.None);
        _doubtful.TryRemove(streamId, out _);
        await UnnoteAsync(epoch == 0 ? node : record.Owner, streamId, CancellationToken.None);
        if (epoch == 0)
            return null;
        if (images.Read(streamId, record, new SessionHolding(node, epoch)) is { } image)
            return image;
        log.RecordUnreadable(streamId);
        await store.EndAsync(streamId, epoch, OverPeriod, CancellationToken.None);
        await store.UnnoteAsync(node, streamId, CancellationToken.None);
        return null;
    }

    /// <summary>Forgets that a node may own a session that it does not own.</summary>
    /// <returns>Whether there was nothing else to do about it.</returns>
    public async ValueTask<bool> UnnoteAsync(string node, string streamId, CancellationToken cancellationToken)
    {
        if (await store.ReadAsync(streamId, cancellationToken) is { IsOver: false } record && record.Owner == node)
            return false;
        await store.UnnoteAsync(node, streamId, cancellationToken);
        return true;
    }

    public string? ForwardedIdOf(HttpContext context) => forwarder.ForwardedIdOf(context);

    public ValueTask<bool> TryForwardAsync(HttpContext context, SessionUrlId id, SessionPlace place) =>
        forwarder.TryForwardAsync(context, id.ToString(), place.Node);

    public async ValueTask UpdateUserAsync(Session session)
    {
        if (session.Holding is { } holding)
            await store.WriteAsync(session.Ticket.StreamId, holding.Epoch, [images.WriteUser(session.Ticket, session.User)], CancellationToken.None);
    }

    public ValueTask<bool> MayEndAsync(Session session) =>
        session.Holding is { } holding ? lease.HoldsAsync(holding.Node) : ValueTask.FromResult(true);

    public async ValueTask EndAsync(Session session, bool voidsTicket)
    {
        if (session.Holding is { } holding
            && await store.EndAsync(session.Ticket.StreamId, holding.Epoch, voidsTicket ? OverPeriod : null, CancellationToken.None))
        {
            await store.UnnoteAsync(holding.Node, session.Ticket.StreamId, CancellationToken.None);
        }
    }

    private async ValueTask<bool> IsOrphanAsync(string streamId, SessionRecord record, string node, CancellationToken cancellationToken)
    {
        if (record.Owner == node)
            return _doubtful.ContainsKey(streamId);
        _doubtful.TryRemove(streamId, out _);
        return (await watch.FindAsync(record.Owner, cancellationToken)).IsDead;
    }
}
