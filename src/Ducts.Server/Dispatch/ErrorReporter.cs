using Ducts.Dispatch.Errors;
using Microsoft.Extensions.Options;

namespace Ducts.Dispatch;

/// <summary>Makes the text a caller gets of an error, and logs what the caller does not get.</summary>
internal sealed class ErrorReporter(IOptions<DuctsOptions> options, DispatchLog log)
{
    private readonly bool _detailed = options.Value.Event.DetailedErrors;

    /// <summary>Makes the text of a refusal where the check itself failed, which the log has.</summary>
    public string Refusal(Exception exception, EventEntry entry, string sessionId)
    {
        var error = ErrorMapper.Map(exception, entry.Code, detailed: false, cancelled: false);
        log.HandlerFailed(exception, entry.Spec.Key, sessionId, error.Reference ?? "-");
        return $"the authorization of this event failed{(error.Reference is { } reference ? $", reference {reference}" : "")}";
    }

    /// <summary>Makes the text of an exception.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="entry">The event whose handler threw it.</param>
    /// <param name="sessionId">The session, for the log.</param>
    /// <param name="cancelled">Whether the request was cancelled, so that giving up is no fault.</param>
    public string Text(Exception exception, EventEntry entry, string sessionId, bool cancelled)
    {
        var error = ErrorMapper.Map(exception, entry.Code, _detailed, cancelled);
        if (error.Reference is { } reference)
        {
            log.HandlerFailed(exception, entry.Spec.Key, sessionId, reference);
        }
        else if (!cancelled)
        {
            log.RequestRefused(exception, entry.Spec.Key, sessionId);
        }

        return error.ToString();
    }
}
