using Ducts.Protocol;

namespace Ducts.Connections;

/// <summary>Takes the messages of one receive loop, one after the other.</summary>
internal interface IMessageReceiver
{
    /// <summary>Handles a message. What it leaves open goes on by itself.</summary>
    /// <param name="encoding">How the message is written.</param>
    /// <param name="message">The message, valid while this runs.</param>
    void Receive(WireEncoding encoding, ReadOnlyMemory<byte> message);

    /// <summary>The message that is being handled keeps its thread: the connection is read on by another receiver.</summary>
    void OnBlocked();

    /// <summary>Follows <see cref="OnBlocked"/> once the message has been handled.</summary>
    void OnUnblocked();
}
