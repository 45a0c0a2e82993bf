using Microsoft.Extensions.Logging;

namespace Ducts.Dispatch;

/// <summary>Logs the handling of requests. Ids 1100 to 1199.</summary>
internal sealed partial class DispatchLog(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("ducts.event");

    [LoggerMessage(1100, LogLevel.Error, "The handler of event {Key} failed for session {SessionId}; the client receives an error with reference {Reference}")]
    public partial void HandlerFailed(Exception exception, string key, string sessionId, string reference);

    [LoggerMessage(1101, LogLevel.Debug, "The handler of event {Key} replied to session {SessionId} with an error")]
    public partial void RequestRefused(Exception exception, string key, string sessionId);

    [LoggerMessage(1102, LogLevel.Debug, "Session {SessionId} sent a malformed message, which is rejected: {Reason}")]
    public partial void Malformed(string sessionId, string reason);

    [LoggerMessage(1103, LogLevel.Error, "A callback that the handler of event {Key} registered on its cancellation token failed for session {SessionId}; the request is cancelled all the same")]
    public partial void CancellationFailed(Exception exception, string key, string sessionId);

    [LoggerMessage(1104, LogLevel.Information, "LOGGING|SESSION={SessionId}|{Data}")]
    public partial void ClientLog(string sessionId, string data);

    [LoggerMessage(1106, LogLevel.Information, "Session {SessionId} called LOGGING, which writes nothing: set option client_logging to have what clients send in this log. This is said once")]
    public partial void ClientLogIsOff(string sessionId);

    [LoggerMessage(1107, LogLevel.Warning, "Session {SessionId} called LOGGING more often than client_logging_rate allows ({Rate} lines a second of all clients, a tenth of that of one session); lines are dropped until the next second")]
    public partial void ClientLogIsLimited(string sessionId, int rate);

    [LoggerMessage(1105, LogLevel.Error, "Disposing the services of a request to event {Key} from session {SessionId} failed; the session continues")]
    public partial void DisposeFailed(Exception exception, string key, string sessionId);

    [LoggerMessage(1108, LogLevel.Error, "Disposing the filter {Filter} of a request to event {Key} from session {SessionId} failed; the session continues")]
    public partial void FilterDisposeFailed(Exception exception, Type filter, string key, string sessionId);
}
