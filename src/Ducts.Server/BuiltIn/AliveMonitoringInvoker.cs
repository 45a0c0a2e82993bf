using Ducts.Dispatch.Binding;
using Ducts.Dispatch;
using Ducts.Protocol;

namespace Ducts.BuiltIn;

/// <summary>ALIVE_MONITORING: a stream that is never wrapped in LOOP messages.</summary>
internal sealed class AliveMonitoringInvoker : HandlerInvoker
{
    // The id is kept as long as the session lives and sent every few seconds: a large one would cost both sides far more
    // than it cost to send once. Clients' ids are numbers and UUIDs.
    private const int MaxRequestId = 1024;

    public override void Invoke(ref Invocation invocation)
    {
        var target = (ReplyTarget)invocation.Target;
        var length = target.RawRequestId.Length;
        if (length > MaxRequestId)
        {
            target.Fail(ErrorNames.Value, $"the request id has {length} bytes, and that of ALIVE_MONITORING at most {MaxRequestId}");
            return;
        }

        target.Channel.StartAliveMonitoring(target.RawRequestId, target.Encoding);
    }
}
