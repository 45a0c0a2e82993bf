using Ducts.Dispatch.Binding;
using Ducts.Dispatch;

namespace Ducts.BuiltIn;

/// <summary>ALIVE_MONITORING: a stream that is never wrapped in LOOP messages.</summary>
internal sealed class AliveMonitoringInvoker : HandlerInvoker
{
    public override void Invoke(ref Invocation invocation)
    {
        var target = (ReplyTarget)invocation.Target;
        target.Channel.StartAliveMonitoring(target.RawRequestId, target.Encoding);
    }
}
