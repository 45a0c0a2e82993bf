using Ducts.Protocol;

namespace Ducts.Connections;

/// <content>Messages that are sent in pieces, each when little else waits.</content>
internal sealed partial class Outbox
{
    /// <summary>Returns how many bytes before a message of some size in its array <see cref="AppendPieceAsync"/> may overwrite.</summary>
    public static int RoomBefore(int length) => FrameHeader.ServerLength(length);

    /// <summary>
    /// Appends a message of which all but its head lies in an array, without copying that. Head and frame are written over what lies
    /// before it, which are the last bytes of the piece before; the caller signals.
    /// </summary>
    /// <param name="encoding">How the message is written.</param>
    /// <param name="head">The message's first bytes, no more than <see cref="MessageBuffer.HeadRoom"/> with the frame's.</param>
    /// <param name="array">Has the rest of the message. The caller leaves it alone until it is released.</param>
    /// <param name="start">Where the rest begins.</param>
    /// <param name="length">How long the rest is.</param>
    /// <param name="released">Ends when the array is not needed any more.</param>
    /// <returns>Ends once the message has been handed to a socket, or dropped: the next piece may follow.</returns>
    public Task AppendPieceAsync(WireEncoding encoding, ReadOnlySpan<byte> head, byte[] array, int start, int length, out Task released)
    {
        Span<byte> frame = stackalloc byte[FrameHeader.MaxServerLength + MessageBuffer.HeadRoom];
        var size = FrameHeader.Write(frame, OpcodeOf(encoding), final: true, head.Length + length);
        head.CopyTo(frame[size..]);
        frame = frame[..(size + head.Length)];

        var free = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var chunk = new OutboxChunk(array, start - frame.Length, start + length, messages: 1, free);
        released = free.Task;
        if (_sent is null)
        {
            frame.CopyTo(array.AsSpan(start - frame.Length));
            Enqueue(chunk);
            return released;
        }

        var handed = chunk.KeepEnds(frame, MessageBuffer.HeadRoom);
        Enqueue(chunk);
        return handed;
    }

    /// <summary>Appends a message whose receipt the caller wants to know of; the caller signals.</summary>
    /// <param name="encoding">How the message is written.</param>
    /// <param name="message">The message.</param>
    /// <param name="released">Ends when it is not kept any more: it has been received, or is dropped, or nobody says.</param>
    public void AppendTracked(WireEncoding encoding, ReadOnlySpan<byte> message, out Task released)
    {
        var array = new byte[FrameHeader.ServerLength(message.Length) + message.Length];
        message.CopyTo(array.AsSpan(FrameHeader.Write(array, OpcodeOf(encoding), final: true, message.Length)));
        var free = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var chunk = new OutboxChunk(array, 0, array.Length, messages: 1, free);
        chunk.KeepWhole();
        released = free.Task;
        Enqueue(chunk);
    }

    /// <summary>
    /// Counts a reply that is sent in pieces by the memory that it keeps; <see cref="EndHold"/> and <see cref="ReleaseHeld"/> follow.
    /// </summary>
    public void Hold(int size)
    {
        _account.Take(size);
        lock (_gate)
        {
            _held.Add(size);
            _memory += size;
        }
    }

    /// <summary>The last piece is queued: what <see cref="Hold"/> has begun holds up no others any more.</summary>
    public void EndHold(int size)
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            _held.Remove(size);
            room = TakeRoomWaiters();
        }

        room?.SetResult();
    }

    /// <summary>The memory is free that <see cref="Hold"/> has counted, of the same size.</summary>
    public void ReleaseHeld(int size)
    {
        lock (_gate)
            _memory -= size;
        _account.Give(size);
    }

    /// <summary>Waits until a piece of a divided message may follow. Ends at once when the outbox is closed.</summary>
    public ValueTask WaitForBulkAsync(CancellationToken cancellationToken) =>
        Bytes > BulkLevel || HasUnconfirmedBeyondLimit ? new ValueTask(WaitForTurnAsync(cancellationToken)) : ValueTask.CompletedTask;

    private async Task WaitForTurnAsync(CancellationToken cancellationToken)
    {
        long? turn = null;
        while (true)
        {
            Task reached;
            lock (_gate)
            {
                turn ??= _gone + _bytes - BulkLevel;
                if (_closed)
                    return;
                if (_gone < turn)
                    reached = _bulk.Wait(turn.Value);
                else if (_unconfirmed > 0 && HasUnconfirmedBeyondLimit)
                    reached = _kept.Wait();
                else
                    return;
            }

            await reached.WaitAsync(cancellationToken);
        }
    }
}
