using Microsoft.Extensions.Logging;

namespace Ducts.Sessions;

/// <summary>What sessions and their sockets log. Ids 1000 to 1099.</summary>
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

    [LoggerMessage(1005, LogLevel.Warning, "The end of session {SessionId} could not be written to Redis")]
    public partial void CloseNotRecorded(Exception exception, string sessionId);

    [LoggerMessage(1006, LogLevel.Warning, "Session {SessionId} sent more than {Limit} malformed messages and is closed")]
    public partial void TooManyMalformed(string sessionId, int limit);

    [LoggerMessage(1007, LogLevel.Error, "Looking after session {SessionId} failed")]
    public partial void TickFailed(Exception exception, string sessionId);

    [LoggerMessage(1008, LogLevel.Error, "A callback on the token of session {SessionId} failed")]
    public partial void CancellationFailed(Exception exception, string sessionId);

    [LoggerMessage(1015, LogLevel.Error, "Running a socket of session {SessionId} failed")]
    public partial void SocketFailed(Exception exception, string sessionId);
}
