using Microsoft.Extensions.Logging;

namespace Ducts.Dispatch;

/// <summary>What handling requests logs. Ids 1100 to 1199.</summary>
internal sealed partial class DispatchLog(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("ducts.event");

    [LoggerMessage(1100, LogLevel.Error, "Event {Key} failed for session {SessionId}, reference {Reference}")]
    public partial void HandlerFailed(Exception exception, string key, string sessionId, string reference);

    [LoggerMessage(1101, LogLevel.Debug, "Event {Key} answered session {SessionId} with an error")]
    public partial void RequestRefused(Exception exception, string key, string sessionId);

    [LoggerMessage(1102, LogLevel.Debug, "Session {SessionId} sent a malformed message: {Reason}")]
    public partial void Malformed(string sessionId, string reason);

    [LoggerMessage(1103, LogLevel.Error, "What a handler of event {Key} registered on its token failed for session {SessionId}")]
    public partial void CancellationFailed(Exception exception, string key, string sessionId);

    [LoggerMessage(1104, LogLevel.Information, "LOGGING|SESSION={SessionId}|{Data}")]
    public partial void ClientLog(string sessionId, string data);

    [LoggerMessage(1105, LogLevel.Error, "Disposing the services of a request to event {Key} of session {SessionId} failed")]
    public partial void DisposeFailed(Exception exception, string key, string sessionId);
}
