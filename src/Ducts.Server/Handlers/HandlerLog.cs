using Microsoft.Extensions.Logging;

namespace Ducts.Handlers;

/// <summary>Logs the loading of handlers. Ids 1200 to 1299.</summary>
internal sealed partial class HandlerLog(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("ducts.event.manager");

    [LoggerMessage(1200, LogLevel.Error, "REFUSED|{Problem}")]
    public partial void Refused(HandlerProblem problem);

    [LoggerMessage(1201, LogLevel.Error, "RunAsync of {Key} failed")]
    public partial void RunFailed(Exception exception, string key);

    [LoggerMessage(1202, LogLevel.Error, "Disposing the handler of event {Key} failed; the other handlers are still disposed")]
    public partial void DisposeFailed(Exception exception, string key);

    [LoggerMessage(1203, LogLevel.Information, "LOADED|EVENTS={Count}")]
    public partial void Loaded(int count);

    [LoggerMessage(1204, LogLevel.Information, "RELOADED|EVENTS={Count}")]
    public partial void Reloaded(int count);

    [LoggerMessage(1205, LogLevel.Error, "The changed handlers were not loaded; the previous handlers stay in use")]
    public partial void KeptPrevious();

    [LoggerMessage(1206, LogLevel.Error, "Reloading the handlers failed; the previous handlers stay in use")]
    public partial void ReloadFailed(Exception exception);

    [LoggerMessage(1207, LogLevel.Warning, "Unloading replaced handlers failed; their code stays in memory")]
    public partial void UnloadFailed(Exception exception);

    [LoggerMessage(1250, LogLevel.Warning, "IGNORED|{Warning}")]
    public partial void Ignored(HandlerProblem warning);

    [LoggerMessage(1251, LogLevel.Warning, "LOADED IN PART|REFUSED={Count}; the other handlers answer")]
    public partial void LoadedInPart(int count);

    [LoggerMessage(1209, LogLevel.Error, "{Hook} of {Handler} did not complete for session {SessionId} within {Seconds} s (hook_timeout); the server no longer waits for it")]
    public partial void HookTimedOut(string hook, string handler, string sessionId, double seconds);

    [LoggerMessage(1210, LogLevel.Error, "{Hook} of {Handler} did not complete for session {SessionId} before the server had to stop; the server no longer waits for it")]
    public partial void HookAbandoned(string hook, string handler, string sessionId);

    [LoggerMessage(1211, LogLevel.Error, "HandleConnectedAsync of {Handler} failed for session {SessionId}; the session is refused")]
    public partial void ConnectedHookFailed(Exception exception, string handler, string sessionId);

    [LoggerMessage(1212, LogLevel.Information, "HandleConnectedAsync of {Handler} refused session {SessionId}: {Reason}")]
    public partial void SessionRefused(string handler, string sessionId, string reason);

    [LoggerMessage(1213, LogLevel.Error, "Disposing the handler of event {Key} did not complete in time; the server stops without waiting for it")]
    public partial void DisposeAbandoned(string key);

    [LoggerMessage(1208, LogLevel.Error, "A hook of {Handler} failed for session {SessionId}; the hooks of other handlers still run")]
    public partial void HookFailed(Exception exception, string handler, string sessionId);
}
