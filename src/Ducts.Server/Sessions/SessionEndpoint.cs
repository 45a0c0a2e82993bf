using Ducts.Connections;
using Ducts.Connections.Transport;
using Ducts.Protocol;
using Ducts.Redis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Ducts.Sessions;

/// <summary>Opens the WebSockets of sessions: new ones, and those that take a session over.</summary>
internal sealed partial class SessionEndpoint(
    SessionRegistry sessions,
    SessionTickets tickets,
    ConnectionFactory connections,
    ConnectionLimit limit,
    OriginPolicy origins,
    UserAdmission users,
    ResumingEndpoint resuming,
    SessionRouter router,
    SessionLog log)
{
    public const string IdParameter = "session_id";

    private enum UserStanding
    {
        Holds,
        Void,
        Unknown,
    }

    public async Task OpenAsync(HttpContext context)
    {
        using var place = TakePlace(context, out var isFull);
        if (ResumingEndpoint.IsFor(context))
        {
            await ResumeAsync(context, isFull);
            return;
        }

        if (await RefuseAsync(context, isFull) || await TryReadIdAsync(context) is not { } id || !await RouteAsync(context, id))
            return;

        SessionTicket? ticket;
        // A live session is opened anew whatever the age of its discovery; one that is being ended is not.
        var live = sessions.Find(id);
        try
        {
            ticket = live is null ? await tickets.FindAsync(id, context.RequestAborted) : live is { IsOver: false, Resumption: null } ? live.Ticket : null;
        }
        catch (RedisClientException exception)
        {
            await RefuseForRedisAsync(context, exception);
            return;
        }

        if (ticket is null)
        {
            await RefuseIdAsync(context);
            return;
        }

        if (sessions.Find(id) is null && sessions.IsShortOfMemory())
        {
            context.Response.Headers.RetryAfter = MemoryRetryAfterSeconds;
            await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The server's sessions take all the memory that they may; see option memory_limit.");
            return;
        }

        if (SocketCaller.Of(context, origins).FindUser(ticket, live, users) is not { } user)
        {
            await RefuseUserAsync(context, id);
            return;
        }

        bool isHere;
        SessionHolding? holding;
        try
        {
            (isHere, holding) = await router.TakeAsync(ticket, user, resumes: false, context.RequestAborted);
        }
        catch (RedisClientException exception)
        {
            await RefuseForRedisAsync(context, exception);
            return;
        }

        if (!isHere)
        {
            await RefuseForNowAsync(context);
            return;
        }

        if (await sessions.OpenAsync(ticket, user, holding) is (var opened, var count) && opened is not { } session)
        {
            await (count == SessionCount.Free ? RefuseIdAsync(context) : RefuseCountAsync(context, count));
            return;
        }

        try
        {
            // After it is registered, so that whoever revokes meanwhile finds it, or this finds what he wrote.
            if (await FindStandingAsync(context, session) != UserStanding.Holds)
                return;
            if (await AdmitAsync(context, session))
                await RunAsync(context, session);
        }
        finally
        {
            // A client that was refused, or went away during the handshake, has had no socket whose end could end the session.
            if (!session.HasOpened)
                await sessions.CloseAsync(session, SessionEnd.Left);
        }
    }

    public async Task ReconnectAsync(HttpContext context)
    {
        using var place = TakePlace(context, out var isFull);
        if (ResumingEndpoint.IsFor(context))
        {
            await ResumeAsync(context, isFull);
            return;
        }

        if (await RefuseAsync(context, isFull) || await TryReadIdAsync(context, checksHandshake: false) is not { } id || !await RouteAsync(context, id))
            return;
        var caller = SocketCaller.Of(context, origins);
        if (sessions.Find(id) is not { IsOver: false, Resumption: null } session || !caller.MayTakeOver(session))
        {
            await RefuseIdAsync(context);
            return;
        }

        if (caller.IsOther(session.User))
        {
            await RefuseUserAsync(context, id);
            return;
        }

        var standing = await FindStandingAsync(context, session);
        if (standing == UserStanding.Void)
            sessions.BeginEnd(session, new SessionEnd(CloseCode.RightsExpired, "signed out"));
        if (standing != UserStanding.Holds)
            return;

        // After the session: a browser cannot see why its WebSocket was refused, so its client asks the same address without an
        // upgrade, and 426 then says that the session lives.
        if (!await RefuseHandshakeAsync(context))
            await RunAsync(context, session);
    }

    // Where the client can read a close code, it is told by one; a status is for what it could not do anything about.
    private async Task ResumeAsync(HttpContext context, bool isFull)
    {
        if (await RefuseOriginAsync(context) || await RefuseFullAsync(context, isFull) || await RefuseHandshakeAsync(context))
            return;
        SessionUrlId? id = SessionUrlId.TryParse(router.IdOf(context, IdParameter), out var parsed) ? parsed : null;
        SessionRoute route;
        try
        {
            route = id is { } known ? await router.RouteAsync(context, known) : SessionRoute.Here;
        }
        catch (RedisClientException)
        {
            route = SessionRoute.Unavailable;
        }

        switch (route)
        {
            case SessionRoute.Served:
                break;
            case SessionRoute.Misdirected:
                await RefuseMisdirectedAsync(context);
                break;
            default:
                await resuming.OpenAsync(context, id, route);
                break;
        }
    }

    /// <summary>Returns whether the handshake is served here; where not, it has been served or refused.</summary>
    private async Task<bool> RouteAsync(HttpContext context, SessionUrlId id)
    {
        try
        {
            switch (await router.RouteAsync(context, id))
            {
                case SessionRoute.Here:
                    return true;
                case SessionRoute.Over:
                    await RefuseIdAsync(context);
                    break;
                case SessionRoute.Misdirected:
                    await RefuseMisdirectedAsync(context);
                    break;
                case SessionRoute.Unavailable:
                    await RefuseForNowAsync(context);
                    break;
            }
        }
        catch (RedisClientException exception)
        {
            await RefuseForRedisAsync(context, exception);
        }

        return false;
    }

    // The hooks come before the answer, so that a client that is refused is told by a status instead of a socket that closes.
    private async Task<bool> AdmitAsync(HttpContext context, Session session)
    {
        var isAdmitted = await session.WaitToAdmitAsync(context.RequestAborted);
        if (context.RequestAborted.IsCancellationRequested)
            return false;
        if (sessions.IsStopping)
        {
            await RefuseStoppingAsync(context);
            return false;
        }

        if (session.IsOver)
        {
            await RefuseIdAsync(context);
            return false;
        }

        if (isAdmitted)
            return true;
        // Its ticket opens nothing any more, and its only socket would be one that came by the other address meanwhile.
        await sessions.EndAsync(session, new SessionEnd(CloseCode.PolicyViolation, "refused"));
        await WriteAsync(context, StatusCodes.Status403Forbidden, "The server refused the session.");
        return false;
    }

    private async Task RunAsync(HttpContext context, Session session)
    {
        var turn = session.TakeTurn();
        var transport = await WebSocketHandshake.AcceptAsync(context);
        var connection = connections.Create(session, transport);
        if (!session.TryAttach(connection, turn, out var ready))
        {
            // It ended during the handshake, or a client that could not wait has opened another socket.
            var end = session.End?.ToLateConnection ?? SessionEnd.Replaced;
            connection.SendClose(end.Code, end.Reason);
        }

        if (transport.Socket is not null)
        {
            // The request ends now, and what the server keeps for it; the socket goes on by itself.
            sessions.RunSocket(session.SessionId, () => RunAsync(session, connection, ready));
            return;
        }

        await using (context.RequestAborted.UnsafeRegister(static state => ((Connection)state!).OnTransportEnded(), connection))
            await RunAsync(session, connection, ready);
    }

    private async Task RunAsync(Session session, Connection connection, Task ready)
    {
        using (connection)
            await connection.RunAsync(ready);
        if (session.OnSocketEnded(connection))
            await sessions.CloseAsync(session, SessionEnd.Left);
    }

    /// <summary>Returns whether the user may go on; where not, the request has been answered.</summary>
    private async Task<UserStanding> FindStandingAsync(HttpContext context, Session session)
    {
        try
        {
            if (!await users.IsRevokedAsync(session.User, context.RequestAborted))
                return UserStanding.Holds;
        }
        catch (RedisClientException exception)
        {
            await RefuseForRedisAsync(context, exception);
            return UserStanding.Unknown;
        }

        log.SocketRefused(session.SessionId, "its user has been signed out");
        await RefuseIdAsync(context);
        return UserStanding.Void;
    }

    // The socket transport counts its connections when it accepts them; those of other servers count from here on.
    private ConnectionPlace? TakePlace(HttpContext context, out bool isFull)
    {
        isFull = false;
        if (context.Features.Get<ISocketHandover>() is not null)
            return null;
        var place = limit.TryTake();
        isFull = place is null;
        return place;
    }

    private async Task<bool> RefuseAsync(HttpContext context, bool isFull)
    {
        if (await RefuseOriginAsync(context))
            return true;
        if (sessions.IsStopping)
        {
            await RefuseStoppingAsync(context);
            return true;
        }

        return await RefuseFullAsync(context, isFull);
    }

    private async Task<bool> RefuseOriginAsync(HttpContext context)
    {
        if (origins.IsAllowed(context))
            return false;
        await WriteAsync(context, StatusCodes.Status403Forbidden, "This origin may not open WebSockets here; see option allowed_origins.");
        return true;
    }

    private static async Task<bool> RefuseFullAsync(HttpContext context, bool isFull)
    {
        if (!isFull)
            return false;
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The server has no room for another connection.");
        return true;
    }

    // The id comes first: whoever does not know one learns nothing else.
    private async Task<SessionUrlId?> TryReadIdAsync(HttpContext context, bool checksHandshake = true)
    {
        if (!SessionUrlId.TryParse(router.IdOf(context, IdParameter), out var id))
        {
            await RefuseIdAsync(context);
            return null;
        }

        return checksHandshake && await RefuseHandshakeAsync(context) ? null : id;
    }

    private static async Task<bool> RefuseHandshakeAsync(HttpContext context)
    {
        if (WebSocketHandshake.Check(context) is var (status, reason))
        {
            await WriteAsync(context, status, reason);
            return true;
        }

        // A socket lives as long as it likes.
        if (context.Features.Get<Microsoft.AspNetCore.Http.Timeouts.IHttpRequestTimeoutFeature>() is { } timeout)
            timeout.DisableTimeout();
        return false;
    }
}
