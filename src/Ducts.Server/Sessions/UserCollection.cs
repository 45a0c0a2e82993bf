using System.Collections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>The signed-in users, by the sessions of this server.</summary>
internal sealed class UserCollection(SessionRegistry sessions, SessionIndex index, UserRevocations revocations, Broadcast broadcast, IServerFeed? feed = null) : IUserCollection
{
    public IUserSessions this[string subject]
    {
        get
        {
            ArgumentException.ThrowIfNullOrEmpty(subject);
            return new Entry(this, subject, null, broadcast);
        }
    }

    public IUserSessions this[string subject, string issuer]
    {
        get
        {
            ArgumentException.ThrowIfNullOrEmpty(subject);
            ArgumentException.ThrowIfNullOrEmpty(issuer);
            return new Entry(this, subject, issuer, broadcast);
        }
    }

    /// <summary>Closes a user's sessions on this server.</summary>
    /// <returns>Those that were closed.</returns>
    public IReadOnlyList<Session> CloseHere(string subject, string? issuer, string reason)
    {
        var closed = index.Of(subject, issuer);
        foreach (var session in closed)
            sessions.BeginEnd(session, new SessionEnd(CloseCode.RightsExpired, reason));
        return closed;
    }

    private async Task<int> CloseAsync(string subject, string? issuer, string reason, CancellationToken cancellationToken)
    {
        SessionEnd.CheckReason(reason);
        cancellationToken.ThrowIfCancellationRequested();
        // At once, whether Redis can be told or not.
        var ended = new HashSet<Session>(CloseHere(subject, issuer, reason));
        try
        {
            // Before looking again: who opens a session meanwhile is found by the index, or finds this.
            await revocations.RevokeAsync(subject, issuer, cancellationToken);
            if (feed is not null)
                await feed.CloseUserAsync(subject, issuer, reason, cancellationToken);
        }
        finally
        {
            ended.UnionWith(CloseHere(subject, issuer, reason));
        }

        return ended.Count;
    }

    private sealed class Entry(UserCollection users, string subject, string? issuer, Broadcast broadcast) : PushTarget(broadcast), IUserSessions
    {
        public string Subject => subject;

        public int Count => users.Sessions(subject, issuer).Count;

        protected override IEnumerable<Session> Targets => users.Sessions(subject, issuer);

        protected override PushScope Scope => new(PushScopeKind.User, subject, issuer);

        public Task<int> CloseAsync(string reason = "", CancellationToken cancellationToken = default) =>
            users.CloseAsync(subject, issuer, reason, cancellationToken);

        public IEnumerator<IEventSession> GetEnumerator() =>
            users.Sessions(subject, issuer).Select(static session => session.CreateView()).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private IReadOnlyList<Session> Sessions(string subject, string? issuer) => index.Of(subject, issuer);
}
