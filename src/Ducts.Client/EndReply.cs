using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>The reply to END, after which there is no session.</summary>
internal sealed class EndReply() : Reply(ProtocolEvents.End)
{
    private volatile bool _isDone;

    /// <summary>Gets whether the server has answered.</summary>
    public bool IsDone => _isDone;

    public override bool IsAbandoned => false;

    public override bool ConfirmsRequest => false;

    public override void Complete(MessagePackElement result) => _isDone = true;

    public override void Start(MessagePackElement item)
    {
    }

    public override void Next(MessagePackElement item)
    {
    }

    public override void End()
    {
    }

    // Whatever the server means by an error: the client has nothing more to say to the session.
    public override void Fail(Exception exception) => _isDone = true;
}
