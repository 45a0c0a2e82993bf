using Ducts.Dispatch.Errors;
using Ducts.Hosting;

namespace Ducts.Dispatch;

/// <summary>Makes the text a caller gets of an error, and logs what the caller does not get.</summary>
internal sealed class ErrorReporter(ServerContext server, DispatchLog log)
{
    public static string Text(string name, string message) => ErrorText.Format(name, message);

    public string Text(Exception exception, string eventKey, string sessionId, bool cancelled = false)
    {
        var error = ErrorMapper.Map(exception, server.Options.Event.DetailedErrors, cancelled);
        if (error.Reference is { } reference)
            log.HandlerFailed(exception, eventKey, sessionId, reference);
        else if (!cancelled)
            log.RequestRefused(exception, eventKey, sessionId);
        return error.ToString();
    }
}
