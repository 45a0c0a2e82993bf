using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>Answers the messages that come to sessions.</summary>
internal interface IMessageDispatcher
{
    /// <summary>Creates a dispatch for the messages that one receive loop reads one after the other.</summary>
    IMessageDispatch CreateDispatch(IReplyChannel channel);
}

/// <summary>Answers messages one after the other.</summary>
internal interface IMessageDispatch
{
    /// <summary>Handles a message. What its handler leaves open goes on by itself.</summary>
    /// <param name="encoding">How the message is written.</param>
    /// <param name="message">The message, valid while this runs.</param>
    void Dispatch(WireEncoding encoding, ReadOnlyMemory<byte> message);
}
