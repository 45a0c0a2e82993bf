using Ducts.Dispatch;
using Ducts.Dispatch.Binding;

namespace Ducts.BuiltIn;

/// <summary>
/// LOGGING: writes what a client sends to the server's log, where <see cref="DuctsEventOptions.ClientLogging"/> allows it. The
/// data is read where it lies, and only as far as it is written.
/// </summary>
// Threading: calls run concurrently.
internal sealed class LoggingInvoker(DuctsEventOptions options, TimeProvider time, DispatchLog log) : HandlerInvoker
{
    private readonly ClientLogBudget? _budget = options.ClientLogging ? new ClientLogBudget(options.ClientLoggingRate, time) : null;
    private int _isOffTold;

    public override void Invoke(ref Invocation invocation)
    {
        var target = (ReplyTarget)invocation.Target;
        if (_budget is null)
        {
            // Once, for those who wonder where the lines are; the client has nothing to do about it.
            if (Interlocked.Exchange(ref _isOffTold, 1) == 0)
                log.ClientLogIsOff(target.Channel.SessionId);
        }
        else if (_budget.TryTake(target.Channel.SessionId, out var isFirstRefused))
        {
            log.ClientLog(target.Channel.SessionId, ClientLogText.Of(invocation.Data));
        }
        else if (isFirstRefused)
        {
            log.ClientLogIsLimited(target.Channel.SessionId, options.ClientLoggingRate);
        }

        target.ReplyNull();
    }
}
