using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>Who the user of a session is, for how long, and what its requests have to pass.</summary>
/// <remarks>Threading: any thread; changes are made under one lock, and read without.</remarks>
internal sealed class SessionRights
{
    private readonly Lock _gate = new();
    private readonly SessionContext _context;
    private readonly string _sessionId;
    private readonly SessionClock _clock;
    private readonly IRequestGate? _rates;
    private SessionUser _user;
    private (long Milliseconds, long Number) _ticket;
    private IRequestGate? _requests;
    private bool _isOver;

    public SessionRights(Session session, SessionContext context, SessionUser user)
    {
        _context = context;
        _sessionId = session.SessionId;
        _clock = session.Clock;
        _user = user;
        _ticket = session.Ticket.Order;
        _rates = context.Rates?.Open(session, user);
        _requests = _rates;
        if (user.ExpiresAt is not null)
        {
            _clock.Start();
        }
    }

    public SessionUser User => Volatile.Read(ref _user);

    /// <summary>Gets what each request has to pass before it is handled; null for nothing.</summary>
    public IRequestGate? Gate => Volatile.Read(ref _requests);

    /// <summary>Returns whether a ticket is older than what the session has: it could bring rights back that have been taken since.</summary>
    public bool IsOutdated(SessionTicket ticket)
    {
        lock (_gate)
            return ticket.Order.CompareTo(_ticket) < 0;
    }

    /// <summary>Takes the user that authenticated again in the place of the one it has.</summary>
    /// <returns>False when it is another user, or a ticket that is no older has come meanwhile.</returns>
    public bool TryReplace(SessionTicket ticket)
    {
        var user = ticket.User;
        lock (_gate)
        {
            if (_isOver || ticket.Order.CompareTo(_ticket) < 0 || !_user.IsAuthenticated || !user.IsSameAs(_user))
            {
                return false;
            }

            _ticket = ticket.Order;
            Volatile.Write(ref _user, user);
            Volatile.Write(ref _requests, _rates);
        }

        _clock.Start();
        return true;
    }

    /// <summary>Lets nothing pass any more: the session is being ended.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isOver = true;
            Volatile.Write(ref _requests, EndedGate.Instance);
        }
    }

    /// <summary>Returns when <see cref="FindEnd"/> finds something new; <see cref="Scheduled.Never"/> for users who do not expire.</summary>
    public long NextDue(long now)
    {
        lock (_gate)
        {
            if (_user.ExpiresAt is not { } expiresAt)
            {
                return Scheduled.Never;
            }

            var due = _requests == ExpiredRightsGate.Instance ? expiresAt + _context.AuthGrace : expiresAt;
            var left = due - _context.Time.GetUtcNow();
            return _context.Wheel.After(now, left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    /// <summary>Looks whether the authentication has expired, and lets requests pass no more when it has.</summary>
    /// <returns>How the session is to be closed when the time to authenticate again is over, too; else null.</returns>
    public SessionEnd? FindEnd()
    {
        if (User.ExpiresAt is null)
        {
            return null;
        }

        lock (_gate)
        {
            if (_user.ExpiresAt is not { } expiresAt || _context.Time.GetUtcNow() is var now && now < expiresAt)
            {
                return null;
            }

            if (now - expiresAt >= _context.AuthGrace)
            {
                Volatile.Write(ref _requests, ExpiredRightsGate.Instance);
                return new SessionEnd(CloseCode.RightsExpired, "the authentication has expired");
            }

            if (_requests == ExpiredRightsGate.Instance)
            {
                return null;
            }

            Volatile.Write(ref _requests, ExpiredRightsGate.Instance);
        }

        _context.Log.RightsExpired(_sessionId, _context.AuthGrace.TotalSeconds);
        return null;
    }
}
