using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>Takes what one receive loop of a session reads, and hands it to the dispatcher.</summary>
internal sealed class SessionReceiver(Session session, IMessageDispatch dispatch) : IMessageReceiver
{
    public void Receive(WireEncoding encoding, ReadOnlyMemory<byte> message)
    {
        session.PushEncoding = encoding;
        dispatch.Dispatch(encoding, message);
    }

    // The request goes on alone: it counts as one that has not been answered.
    public void OnBlocked() => session.Requests.Began();

    public void OnUnblocked() => session.Requests.Ended();
}
