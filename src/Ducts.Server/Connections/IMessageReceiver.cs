using Ducts.Protocol;

namespace Ducts.Connections;

/// <summary>Takes the messages of one receive loop, one after the other.</summary>
internal interface IMessageReceiver
{
    /// <summary>
    /// Does first what no later message may overtake, however busy the machine is: it runs to its end before the next is read.
    /// </summary>
    /// <param name="encoding">How the message is written.</param>
    /// <param name="message">The message, valid while this runs.</param>
    /// <returns>False when that is all there is to do; otherwise <see cref="Receive"/> follows.</returns>
    bool TryAdmit(WireEncoding encoding, ReadOnlyMemory<byte> message);

    /// <summary>Handles a message. What it leaves open goes on by itself, and the next may be read before it ends.</summary>
    /// <param name="encoding">How the message is written.</param>
    /// <param name="message">The message, valid while this runs.</param>
    void Receive(WireEncoding encoding, ReadOnlyMemory<byte> message);

    /// <summary>A message cannot be read, or is too large; the connection is about to be closed with a code.</summary>
    void OnRefused(int code);

    /// <summary>Accounts for the memory that the loop's reader holds, the part of a message that has come among it.</summary>
    /// <param name="bytes">The bytes that it holds from now on; 0 when it ends.</param>
    /// <param name="force">Whether they are held in any case.</param>
    /// <returns>False when they are not left: nothing has changed.</returns>
    bool TryHold(int bytes, bool force);

    /// <summary>Waits until <see cref="TryHold"/> may succeed.</summary>
    ValueTask WaitToHoldAsync(int bytes, CancellationToken cancellationToken);

    /// <summary>The message that is being handled keeps its thread: the connection is read on by another receiver.</summary>
    void OnBlocked();

    /// <summary>Follows <see cref="OnBlocked"/> once the message has been handled.</summary>
    void OnUnblocked();
}
