using Microsoft.AspNetCore.Http;

namespace Ducts.Sessions;

/// <summary>Specifies what becomes of a handshake.</summary>
internal enum SessionRoute
{
    /// <summary>It is served here.</summary>
    Here,

    /// <summary>Another server has served it to its end.</summary>
    Served,

    /// <summary>The session is over, or who asks does not know its secret.</summary>
    Over,

    /// <summary>Another server has sent it here, where the session is not.</summary>
    Misdirected,

    /// <summary>Where the session is cannot be told, or not be reached, for now.</summary>
    Unavailable,
}

/// <summary>Brings handshakes to the server where their session lives.</summary>
internal sealed class SessionRouter(SessionRegistry sessions, ISessionPlacement? placement = null)
{
    // A session may move while it is looked for.
    private const int MaxLooks = 3;

    /// <summary>Returns the id that a handshake names; anything may be in it.</summary>
    public string? IdOf(HttpContext context, string parameter) => placement?.ForwardedIdOf(context) ?? SessionPath.IdOf(context, parameter);

    /// <summary>Finds out where a handshake is served, and has it served there if that is another server.</summary>
    /// <exception cref="Redis.RedisClientException">Redis is out of reach, or refuses to answer.</exception>
    public async ValueTask<SessionRoute> RouteAsync(HttpContext context, SessionUrlId id)
    {
        if (placement is null)
            return SessionRoute.Here;
        for (var look = 0; look < MaxLooks; look++)
        {
            await sessions.WhenAdoptedAsync(id.StreamId, context.RequestAborted);
            if (sessions.Find(id) is { IsOver: false })
                return SessionRoute.Here;
            var place = await placement.FindAsync(id, context.RequestAborted);
            switch (place.Kind)
            {
                case SessionPlaceKind.Nowhere:
                    // It may have been taken over for another connection since.
                    await sessions.WhenAdoptedAsync(id.StreamId, context.RequestAborted);
                    return SessionRoute.Here;
                case SessionPlaceKind.Over:
                    return SessionRoute.Over;
                case SessionPlaceKind.Unknown:
                    return SessionRoute.Unavailable;
                case SessionPlaceKind.Elsewhere when placement.ForwardedIdOf(context) is not null:
                    return SessionRoute.Misdirected;
                case SessionPlaceKind.Elsewhere when await placement.TryForwardAsync(context, id, place):
                    return SessionRoute.Served;
                case SessionPlaceKind.Orphaned:
                    // A client that does not count cannot be told that it is another life: its session ends.
                    if (await sessions.AdoptAsync(id.StreamId, context.RequestAborted) is { Resumption: null } adopted)
                        sessions.StartEnd(adopted, SessionEnd.Left);
                    break;
            }
        }

        return SessionRoute.Unavailable;
    }

    /// <summary>Takes a session for this server that is about to be opened.</summary>
    /// <returns>Whether it may be opened here, and how this server has it.</returns>
    /// <exception cref="Redis.RedisClientException">Redis is out of reach, or does not take writes.</exception>
    public async ValueTask<(bool IsHere, SessionHolding? Holding)> TakeAsync(SessionTicket ticket, SessionUser user, bool resumes, CancellationToken cancellationToken)
    {
        if (placement is null)
            return (true, null);
        var holding = await placement.TakeAsync(ticket, user, resumes, cancellationToken);
        return (holding is not null, holding);
    }
}
