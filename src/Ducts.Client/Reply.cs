using Ducts.MessagePack;

namespace Ducts.Client;

/// <summary>Represents the pending reply of a request. Called by the receive loop only, except for <see cref="Fail"/>.</summary>
internal abstract class Reply(int eventId)
{
    public int EventId { get; } = eventId;

    /// <summary>The id of its request; 0 until the request is made.</summary>
    public long Id { get; set; }

    /// <summary>Whether nobody waits any more, so that the request need not be sent if it was not yet.</summary>
    public abstract bool IsAbandoned { get; }

    /// <summary>Whether an answer says that the server has handled its request and all before it: in their order, as it does all that it does not answer at once.</summary>
    public virtual bool ConfirmsRequest => true;

    /// <summary>The number of its request in the session, or in version 1 its place among all that was sent; 0 until it is. Set before the request is sent.</summary>
    public long SentOrder { get; set; }

    /// <summary>A plain reply. ALIVE_MONITORING sends several.</summary>
    public abstract void Complete(MessagePackElement result);

    public abstract void Start(MessagePackElement item);

    public abstract void Next(MessagePackElement item);

    public abstract void End();

    public abstract void Fail(Exception exception);
}
