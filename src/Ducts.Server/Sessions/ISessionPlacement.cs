using Ducts.Redis;
using Microsoft.AspNetCore.Http;

namespace Ducts.Sessions;

/// <summary>Knows where sessions live that are shared by several servers. Where there is one server only, there is none.</summary>
internal interface ISessionPlacement
{
    /// <summary>Finds out where a session lives that is not among this server's.</summary>
    /// <param name="id">The session's id; a wrong secret is as good as none.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <exception cref="RedisClientException">Redis is out of reach, or refuses to answer.</exception>
    ValueTask<SessionPlace> FindAsync(SessionUrlId id, CancellationToken cancellationToken);

    /// <summary>Takes a session for this server that is about to be opened.</summary>
    /// <param name="ticket">The session's ticket.</param>
    /// <param name="user">Its user.</param>
    /// <param name="resumes">Whether its client counts messages.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <returns>How this server has it; null where it has ended or lives elsewhere, which <see cref="FindAsync"/> tells.</returns>
    /// <exception cref="RedisClientException">Redis is out of reach, or does not take writes.</exception>
    ValueTask<SessionHolding?> TakeAsync(SessionTicket ticket, SessionUser user, bool resumes, CancellationToken cancellationToken);

    /// <summary>Takes a session for this server whose server has died.</summary>
    /// <returns>What is known of it; null where it is not to be had any more.</returns>
    /// <exception cref="RedisClientException">Redis is out of reach, or does not take writes.</exception>
    ValueTask<SessionImage?> ClaimAsync(string streamId, CancellationToken cancellationToken);

    /// <summary>Returns the id of the session that a handshake is for which another server forwards; null where a client has sent it itself.</summary>
    string? ForwardedIdOf(HttpContext context);

    /// <summary>Has another server serve a handshake, and what follows it, to its end.</summary>
    /// <returns>False when that server cannot be asked, or does not have the session; nothing has been answered then.</returns>
    ValueTask<bool> TryForwardAsync(HttpContext context, SessionUrlId id, SessionPlace place);

    /// <summary>The user of a session has been replaced.</summary>
    ValueTask UpdateUserAsync(Session session);

    /// <summary>
    /// Returns whether this server may do what belongs to a session's end: the session is still its own. Where that is not certain now, ends
    /// when it is.
    /// </summary>
    ValueTask<bool> MayEndAsync(Session session);

    /// <summary>A session has ended, and all that belongs to its end has been done.</summary>
    /// <param name="session">The session.</param>
    /// <param name="voidsTicket">Whether none of its id is to be opened any more.</param>
    /// <exception cref="RedisClientException">Redis is out of reach, or does not take writes.</exception>
    ValueTask EndAsync(Session session, bool voidsTicket);
}

/// <summary>Specifies where a session lives.</summary>
internal enum SessionPlaceKind
{
    /// <summary>Nobody has it: it may be opened where its ticket allows that.</summary>
    Nowhere,

    /// <summary>Another server has it.</summary>
    Elsewhere,

    /// <summary>The server that had it has died.</summary>
    Orphaned,

    /// <summary>It has ended, and none of its id is opened any more; or who asks does not know its secret.</summary>
    Over,

    /// <summary>This server may open no session now.</summary>
    Unknown,
}

/// <summary>Where a session lives.</summary>
/// <param name="Kind">Where.</param>
/// <param name="Node">The other server's name; empty for none.</param>
internal readonly record struct SessionPlace(SessionPlaceKind Kind, string Node = "");

/// <summary>How a server has a session.</summary>
/// <param name="Node">As which node.</param>
/// <param name="Epoch">Since which epoch; whoever has it later has a higher one.</param>
internal sealed record SessionHolding(string Node, long Epoch);

/// <summary>What is known of a session that lived on another server.</summary>
internal sealed record SessionImage(SessionTicket Ticket, SessionUser User, bool Resumes, SessionHolding Holding);
