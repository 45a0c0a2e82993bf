using Ducts.MessagePack;

namespace Ducts.Client;

/// <summary>Represents the pending reply of a request. Called by the receive loop only, except for <see cref="Fail"/>.</summary>
internal abstract class Reply(int eventId)
{
    public int EventId { get; } = eventId;

    /// <summary>Whether nobody waits any more, so that the request need not be sent if it was not yet.</summary>
    public abstract bool IsAbandoned { get; }

    /// <summary>The place of its request among all that was sent; 0 until it is. Set and read by the session's loop, one direction after the other.</summary>
    public long SentOrder { get; set; }

    /// <summary>A plain reply. ALIVE_MONITORING sends several.</summary>
    public abstract void Complete(MessagePackElement result);

    public abstract void Start(MessagePackElement item);

    public abstract void Next(MessagePackElement item);

    public abstract void End();

    public abstract void Fail(Exception exception);
}
