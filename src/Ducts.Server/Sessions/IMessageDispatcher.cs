using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>Answers the messages that come to sessions.</summary>
internal interface IMessageDispatcher
{
    /// <summary>Creates a dispatch for the messages that one loop hands on one after the other.</summary>
    IMessageDispatch CreateDispatch(IReplyChannel channel);
}

/// <summary>Answers messages one after the other.</summary>
internal interface IMessageDispatch
{
    /// <summary>Handles a message. What its handler leaves open goes on by itself.</summary>
    /// <param name="encoding">How the message is written.</param>
    /// <param name="message">The message, valid while this runs.</param>
    /// <param name="credit">How many items its stream may send before it is given further credit; 0 for no limit.</param>
    /// <returns>
    /// 0; or the bytes of memory that a reply to it is likely to take and that are not left now: then nothing has been done, and
    /// the message has to come again.
    /// </returns>
    int Dispatch(WireEncoding encoding, ReadOnlyMemory<byte> message, int credit);

    /// <summary>Reads of a message that has to wait what its waiting depends on.</summary>
    /// <returns>
    /// The bytes of the request's id in MessagePack, as an array of its own, empty where it could not be read; and whether the
    /// message does not wait for those before it.
    /// </returns>
    (byte[] RequestId, bool IsUrgent) Peek(WireEncoding encoding, ReadOnlyMemory<byte> message);

    /// <summary>Answers a request that is ended before it was handled. Called by any thread.</summary>
    /// <param name="encoding">How the message is written.</param>
    /// <param name="message">The message, valid while this runs.</param>
    /// <param name="isStopping">Whether the session or the server ends it, and not its client.</param>
    void Cancel(WireEncoding encoding, ReadOnlyMemory<byte> message, bool isStopping);
}
