using System.Net;
using Ducts.Connections;
using Microsoft.Extensions.Options;

namespace Ducts.Sessions;

/// <summary>Specifies whether a session is in the <see cref="SessionIndex"/>.</summary>
internal enum SessionIndexState
{
    New,
    Added,
    Removed,
}

/// <summary>The live sessions by their users, and how many each user and each address has.</summary>
/// <remarks>Threading: any thread.</remarks>
internal sealed class SessionIndex(IOptions<DuctsOptions> options)
{
    private readonly DuctsLimitOptions _limits = options.Value.Limit;
    private readonly Lock _gate = new();

    // By subject, as applications name users. Sets, for one user may have thousands of sessions.
    private readonly Dictionary<string, HashSet<Session>> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<ClientNetwork, int> _addresses = [];

    /// <summary>Returns the sessions of a user.</summary>
    /// <param name="subject">The user's subject.</param>
    /// <param name="issuer">Who issued it; null for any.</param>
    public IReadOnlyList<Session> Of(string subject, string? issuer)
    {
        lock (_gate)
        {
            return _users.TryGetValue(subject, out var sessions)
                ? [.. sessions.Where(session => issuer is null || session.User.Key?.Issuer == issuer)]
                : [];
        }
    }

    /// <summary>Returns whether a further session of a user and an address may begin.</summary>
    public SessionCount Look(UserKey? user, IPAddress? address)
    {
        lock (_gate)
        {
            return Count(user, address);
        }
    }

    /// <summary>Adds a session, unless its user or its address has as many as it may have.</summary>
    public SessionCount TryAdd(Session session) => TryAdd(session, isKnown: false);

    /// <summary>Adds a session that lived on another server, where there was room for it.</summary>
    public void AddKnown(Session session) => TryAdd(session, isKnown: true);

    /// <summary>Removes a session, whether it was added or not.</summary>
    public void Remove(Session session)
    {
        lock (_gate)
        {
            var wasAdded = session.IndexState == SessionIndexState.Added;
            session.IndexState = SessionIndexState.Removed;
            if (!wasAdded)
            {
                return;
            }

            // Its user is still who it was: another never takes its place.
            if (session.User.Key is { } key && _users.TryGetValue(key.Subject, out var sessions) && sessions.Remove(session) && sessions.Count == 0)
            {
                _users.Remove(key.Subject);
            }

            if (_limits.SessionsPerAddress > 0 && session.RemoteIpAddress is { } address)
            {
                var network = ClientNetwork.Of(address);
                if (_addresses.GetValueOrDefault(network) is > 1 and var count)
                {
                    _addresses[network] = count - 1;
                }
                else
                {
                    _addresses.Remove(network);
                }
            }
        }
    }

    private SessionCount TryAdd(Session session, bool isKnown)
    {
        var user = session.User.Key;
        lock (_gate)
        {
            if (session.IndexState == SessionIndexState.Removed)
            {
                // It was closed before it got here, and nobody removes it again.
                return SessionCount.Free;
            }

            if (!isKnown && Count(user, session.RemoteIpAddress) is var count and not SessionCount.Free)
            {
                return count;
            }

            if (user is { } key)
            {
                if (!_users.TryGetValue(key.Subject, out var sessions))
                {
                    _users.Add(key.Subject, sessions = []);
                }

                sessions.Add(session);
            }

            if (_limits.SessionsPerAddress > 0 && session.RemoteIpAddress is { } address)
            {
                var network = ClientNetwork.Of(address);
                _addresses[network] = _addresses.GetValueOrDefault(network) + 1;
            }

            session.IndexState = SessionIndexState.Added;
            return SessionCount.Free;
        }
    }

    // Under the lock.
    private SessionCount Count(UserKey? user, IPAddress? address)
    {
        if (_limits.SessionsPerUser > 0 && user is { } key && _users.TryGetValue(key.Subject, out var sessions)
            && sessions.Count(session => session.User.Key == key) >= _limits.SessionsPerUser)
        {
            return SessionCount.FullForUser;
        }

        return _limits.SessionsPerAddress > 0 && address is not null && _addresses.GetValueOrDefault(ClientNetwork.Of(address)) >= _limits.SessionsPerAddress
            ? SessionCount.FullForAddress
            : SessionCount.Free;
    }
}
