using Microsoft.Extensions.Logging;

namespace Ducts.Sessions;

/// <summary>Logs sessions and their connections. Ids 1000 to 1099.</summary>
internal sealed partial class SessionLog(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("ducts.session");

    [LoggerMessage(1000, LogLevel.Debug, "OPENED|SESSION={SessionId}")]
    public partial void Opened(string sessionId);

    [LoggerMessage(1001, LogLevel.Debug, "CLOSED|SESSION={SessionId}|SENT={Messages}")]
    public partial void Closed(string sessionId, long messages);

    [LoggerMessage(1002, LogLevel.Debug, "WAITS FOR RECONNECT|SESSION={SessionId}")]
    public partial void WaitsForReconnect(string sessionId);

    [LoggerMessage(1003, LogLevel.Debug, "RECONNECTED|SESSION={SessionId}")]
    public partial void Reconnected(string sessionId);

    [LoggerMessage(1005, LogLevel.Warning, "Writing the end of session {SessionId} to Redis failed; the session is closed without an entry in the stream of closed sessions")]
    public partial void CloseNotRecorded(Exception exception, string sessionId);

    [LoggerMessage(1006, LogLevel.Warning, "Session {SessionId} sent more than {Limit} malformed messages; the session is closed")]
    public partial void TooManyMalformed(string sessionId, int limit);

    [LoggerMessage(1008, LogLevel.Error, "A callback registered on the Closed token of session {SessionId} failed; the session is closed all the same")]
    public partial void CancellationFailed(Exception exception, string sessionId);

    [LoggerMessage(1016, LogLevel.Error, "Handling the waiting messages of session {SessionId} failed unexpectedly; they are answered with an error")]
    public partial void PumpFailed(Exception exception, string sessionId);

    [LoggerMessage(1017, LogLevel.Warning, "Sessions take {Used} bytes, and memory_limit is {Limit}: session {SessionId}, which waits for a reconnect and takes {Bytes} bytes, is closed")]
    public partial void EndedForMemory(long used, long limit, string sessionId, long bytes);

    [LoggerMessage(1018, LogLevel.Warning, "Sessions take {Used} bytes, and memory_limit is {Limit}: new sessions are refused with 503 until some is given back")]
    public partial void RefusedForMemory(long used, long limit);

    [LoggerMessage(1019, LogLevel.Information, "The authentication of session {SessionId} has expired; it has {Seconds} s to authenticate again")]
    public partial void RightsExpired(string sessionId, double seconds);

    [LoggerMessage(1020, LogLevel.Warning, "The ticket of session {SessionId} could not be deleted from Redis; until it expires, its URL opens a session again")]
    public partial void TicketNotVoided(Exception exception, string sessionId);

    [LoggerMessage(1021, LogLevel.Information, "A WebSocket for session {SessionId} was refused: {Reason}")]
    public partial void SocketRefused(string sessionId, string reason);

    [LoggerMessage(1022, LogLevel.Information, "Session {SessionId} is over its outbox_limit, and its client has confirmed nothing for {Seconds} s (receipt_timeout); its connection is cut")]
    public partial void NoReceipts(string sessionId, double seconds);

    [LoggerMessage(1025, LogLevel.Debug, "ADOPTED|SESSION={SessionId}")]
    public partial void Adopted(string sessionId);

    [LoggerMessage(1027, LogLevel.Warning, "The new user of session {SessionId} could not be written to Redis; if this server dies, the session goes on with the former one")]
    public partial void UserNotRecorded(Exception exception, string sessionId);

    [LoggerMessage(1026, LogLevel.Debug, "DROPPED|SESSION={SessionId}")]
    public partial void Dropped(string sessionId);

    [LoggerMessage(1024, LogLevel.Error, "An unexpected error occurred when session {SessionId} was given to another connection; the session ends")]
    public partial void ResendFailed(Exception exception, string sessionId);

    [LoggerMessage(1023, LogLevel.Debug, "A request of event {EventId} of session {SessionId} ended with an error: part of its bytes may have arrived before the connection was lost, and cannot be sent twice")]
    public partial void Interrupted(string sessionId, int eventId);

    [LoggerMessage(1015, LogLevel.Error, "A connection of session {SessionId} failed unexpectedly; other connections continue")]
    public partial void SocketFailed(Exception exception, string sessionId);
}
