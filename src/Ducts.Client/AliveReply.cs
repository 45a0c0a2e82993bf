using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>ALIVE_MONITORING: plain replies without end.</summary>
internal sealed class AliveReply(AliveMonitor monitor) : Reply(ProtocolEvents.AliveMonitoring)
{
    public override bool IsAbandoned => false;

    public override bool ConfirmsRequest => false;

    public override void Complete(MessagePackElement result) => monitor.Received(result);

    public override void Start(MessagePackElement item)
    {
    }

    public override void Next(MessagePackElement item)
    {
    }

    public override void End()
    {
    }

    // A server without the event: offset and latency stay 0.
    public override void Fail(Exception exception) => monitor.Refused();
}
