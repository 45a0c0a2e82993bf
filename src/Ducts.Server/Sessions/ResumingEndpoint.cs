using Ducts.Connections;
using Ducts.Protocol;
using Ducts.Redis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Ducts.Sessions;

/// <summary>
/// Opens the WebSockets of version 2, whose first message says which session they are for. Before that message nothing of a session
/// is touched, and a client that is refused is told by a close code.
/// </summary>
internal sealed class ResumingEndpoint(
    IOptions<DuctsOptions> options,
    SessionRegistry sessions,
    SessionTickets tickets,
    ConnectionFactory connections,
    OriginPolicy origins,
    UserAdmission users,
    SessionRouter router,
    TimeProvider time,
    SessionLog log)
{
    private const string VersionParameter = "v";
    private const string Version = "2";

    private static readonly SessionEnd NoHello = new(CloseCode.ProtocolError, "the first message is not HELLO");
    private static readonly SessionEnd Unknown = new(CloseCode.Ended, "there is no such session");
    private static readonly SessionEnd Revoked = new(CloseCode.RightsExpired, "signed out");
    private static readonly SessionEnd Stopping = new(CloseCode.GoingAway, "server stops");
    private static readonly SessionEnd Refused = new(CloseCode.PolicyViolation, "refused");
    private static readonly SessionEnd NoRedis = new(CloseCode.TryAgainLater, "Redis is out of reach");
    private static readonly SessionEnd NotNow = new(CloseCode.TryAgainLater, "the session cannot be reached now");
    private static readonly SessionEnd NoMemory = new(CloseCode.TryAgainLater, "the server is short of memory");

    private readonly DuctsWebSocketOptions _options = options.Value.WebSocketServer;

    /// <summary>Returns whether a handshake is of version 2.</summary>
    public static bool IsFor(HttpContext context) => context.Request.Query[VersionParameter] == Version;

    /// <summary>Answers the handshake and runs the WebSocket.</summary>
    /// <param name="context">The handshake, which has been checked.</param>
    /// <param name="id">The session's id; null where the address has none.</param>
    /// <param name="route">Whether the session may be served here.</param>
    public async Task OpenAsync(HttpContext context, SessionUrlId? id, SessionRoute route)
    {
        var caller = SocketCaller.Of(context, origins);
        var transport = await WebSocketHandshake.AcceptAsync(context);
        if (transport.Socket is not null)
        {
            // The request ends now, and what the server keeps for it; the socket goes on by itself.
            sessions.RunSocket(id is { } known ? SessionUrlId.SessionIdOf(known.StreamId) : "", () => RunAsync(transport, id, caller, route, CancellationToken.None));
            return;
        }

        await RunAsync(transport, id, caller, route, context.RequestAborted);
    }

    private async Task RunAsync(WebSocketTransport transport, SessionUrlId? id, SocketCaller caller, SessionRoute route, CancellationToken ended)
    {
        using var first = new FirstMessage(transport, Hello.MaxLength);
        if (await ReadHelloAsync(first, ended) is not { } hello)
        {
            await CloseAsync(transport, NoHello, ended);
            return;
        }

        var (session, refusal) = route switch
        {
            SessionRoute.Here when id is { } known => await FindAsync(known, hello, caller),
            SessionRoute.Unavailable => (null, NotNow),
            _ => (null, Unknown),
        };
        if (session is null)
        {
            await CloseAsync(transport, refusal!, ended);
            return;
        }

        try
        {
            if (await AdmitAsync(session, ended) is { } end)
            {
                await CloseAsync(transport, end, ended);
                return;
            }

            await RunAsync(session, transport, hello, first, ended);
        }
        finally
        {
            // One that went away meanwhile has had no socket whose end could end the session.
            if (!session.HasOpened)
                await sessions.CloseAsync(session, SessionEnd.Left);
        }
    }

    private async Task RunAsync(Session session, WebSocketTransport transport, Hello hello, FirstMessage first, CancellationToken ended)
    {
        using var connection = connections.Create(session, transport);
        if (session.TryResume(connection, hello, first.Encoding, out var ready) is { } end)
        {
            connection.SendClose(end.Code, end.Reason);
            if (end.Code is CloseCode.OutOfStep or CloseCode.Gap)
                await sessions.EndAsync(session, end);
        }

        await using (ended.UnsafeRegister(static state => ((Connection)state!).OnTransportEnded(), connection))
            await connection.RunAsync(ready, first.Reader);
        if (session.OnSocketEnded(connection))
            await sessions.CloseAsync(session, SessionEnd.Left);
    }

    private async Task<Hello?> ReadHelloAsync(FirstMessage first, CancellationToken ended)
    {
        using var timeout = new CancellationTokenSource(_options.HelloTimeout, time);
        using var given = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ended);
        try
        {
            return await first.ReadAsync(given.Token) ? Read(first) : null;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    private Hello? Read(FirstMessage first)
    {
        if (first.Encoding == WireEncoding.MessagePack)
            return Hello.Read(first.Message.Span);
        var packed = MessageBuffer.Rent();
        try
        {
            return JsonForm.ReadRequest(first.Message.Span, _options.MaxDepth, packed) is null ? Hello.Read(packed.Written) : null;
        }
        finally
        {
            packed.Return();
        }
    }

    /// <summary>Finds the session that a client asks for, or opens it.</summary>
    /// <returns>The session; or null, and how the connection is to be closed.</returns>
    private async Task<(Session? Session, SessionEnd? Refusal)> FindAsync(SessionUrlId id, Hello hello, SocketCaller caller)
    {
        try
        {
            while (true)
            {
                if (sessions.Find(id) is { } live)
                    return await CheckAsync(live, hello, caller) is { } refusal ? (null, refusal) : (live, null);
                if (await OpenAsync(id, hello, caller) is { } opened)
                    return opened;
                // Another connection has opened it at the same moment.
            }
        }
        catch (RedisClientException)
        {
            return (null, NoRedis);
        }
    }

    private async Task<SessionEnd?> CheckAsync(Session session, Hello hello, SocketCaller caller)
    {
        if (session.Resumption is null || !session.Ticket.HasKey(hello.Key))
            return Unknown;
        if (session.End is { } end)
            return end.ToLateConnection;
        if (caller.IsOther(session.User) || !caller.MayTakeOver(session))
            return RefuseUser(session.SessionId);
        if (!await users.IsRevokedAsync(session.User, CancellationToken.None))
            return null;
        sessions.BeginEnd(session, Revoked);
        return Revoked;
    }

    // Null when somebody else has opened it.
    private async Task<(Session? Session, SessionEnd? Refusal)?> OpenAsync(SessionUrlId id, Hello hello, SocketCaller caller)
    {
        if (sessions.IsStopping)
            return (null, Stopping);
        if (await tickets.FindAsync(id, CancellationToken.None) is not { } ticket || !ticket.HasKey(hello.Key))
            return (null, Unknown);
        if (sessions.IsShortOfMemory())
            return (null, NoMemory);
        if (caller.FindUser(ticket, live: null, users) is not { } user)
            return (null, RefuseUser(SessionUrlId.SessionIdOf(id.StreamId)));
        if (await router.TakeAsync(ticket, user, resumes: true, CancellationToken.None) is not (true, var holding))
            return (null, NotNow);
        if (await sessions.OpenResumingAsync(ticket, user, holding) is not (var session, var count))
            return null;
        if (session is null)
        {
            if (count == SessionCount.Free)
                return (null, Unknown);
            sessions.CountLimited(count);
            return (null, new SessionEnd(CloseCode.TryAgainLater, SessionCounts.Describe(count)));
        }

        // After it is registered, so that whoever revokes meanwhile finds it, or this finds what he wrote.
        if (!await IsRevokedAsync(session))
            return (session, null);
        await sessions.CloseAsync(session, SessionEnd.Left);
        return (null, Revoked);
    }

    private async Task<bool> IsRevokedAsync(Session session)
    {
        try
        {
            return await users.IsRevokedAsync(session.User, CancellationToken.None);
        }
        catch (RedisClientException)
        {
            await sessions.CloseAsync(session, SessionEnd.Left);
            throw;
        }
    }

    /// <summary>Waits for the hooks of the session's beginning, which may refuse it.</summary>
    /// <returns>How the connection is to be closed; null when it may go on.</returns>
    private async Task<SessionEnd?> AdmitAsync(Session session, CancellationToken ended)
    {
        var isAdmitted = await session.WaitToAdmitAsync(ended);
        if (session.End is { } end)
            return sessions.IsStopping ? Stopping : end.ToLateConnection;
        if (isAdmitted)
            return null;
        await sessions.EndAsync(session, Refused);
        return Refused;
    }

    private SessionEnd RefuseUser(string sessionId)
    {
        log.SocketRefused(sessionId, "its user is another, or has to sign in again");
        return Unknown;
    }

    private async Task CloseAsync(WebSocketTransport transport, SessionEnd end, CancellationToken ended)
    {
        using var connection = connections.Create(new Stranger(), transport);
        connection.SendClose(end.Code, end.Reason);
        await using (ended.UnsafeRegister(static state => ((Connection)state!).OnTransportEnded(), connection))
            await connection.RunAsync(Task.CompletedTask);
    }
}
