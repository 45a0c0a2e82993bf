using System.Buffers;
using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>A large message that is sent in pieces, each when little else waits, so that small messages go between them.</summary>
/// <remarks>Threading: one task sends; <see cref="Interrupt"/> comes from any thread.</remarks>
internal sealed class DividedTransfer
{
    private readonly Lock _gate = new();
    private readonly Session _session;
    private readonly WireEncoding _encoding;
    private readonly byte[] _array;
    private readonly int _length;
    private bool _isInterrupted;

    private DividedTransfer(Session session, SentHead head, byte[] array, int length, WireEncoding encoding)
    {
        _session = session;
        RequestId = head.RequestId.ToArray();
        EventId = Math.Abs(head.ItemEventId);
        IsItem = head.IsOfStream;
        _array = array;
        _length = length;
        _encoding = encoding;
    }

    /// <summary>Gets the id of its request, in MessagePack.</summary>
    public byte[] RequestId { get; }

    /// <summary>Gets the event whose reply it is, or part of it.</summary>
    public int EventId { get; }

    /// <summary>Gets whether it is an item of a stream.</summary>
    public bool IsItem { get; }

    /// <summary>Takes a message out of its buffer and sends it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="packed">The message in MessagePack.</param>
    /// <param name="message">The message as it is sent, which is the same or its text.</param>
    /// <param name="encoding">How it is sent.</param>
    /// <returns>Ends when the last piece is queued.</returns>
    public static Task RunAsync(Session session, MessageBuffer packed, MessageBuffer message, WireEncoding encoding)
    {
        SentHead.TryRead(packed.Written, out var head);
        // The head lies in what is taken out next.
        var transfer = Take(session, head, message, encoding);
        session.Requests.Began();
        session.Outbox.Hold(transfer._array.Length);
        session.Transfers.Add(transfer);
        return transfer.SendAsync();
    }

    /// <summary>Lets nothing more of it be sent.</summary>
    public void Interrupt()
    {
        lock (_gate)
        {
            _isInterrupted = true;
        }
    }

    private static DividedTransfer Take(Session session, SentHead head, MessageBuffer message, WireEncoding encoding)
    {
        var array = message.Detach(out var length);
        return new DividedTransfer(session, head, array, length, encoding);
    }

    private async Task SendAsync()
    {
        var kept = new List<Task>();
        try
        {
            var pieceSize = Division.PieceSize(_session.Options.DivideThreshold, RequestId.Length, _encoding);
            for (var offset = 0; offset < _length; offset += pieceSize)
            {
                _session.Closed.ThrowIfCancellationRequested();
                await _session.Outbox.WaitForBulkAsync(_session.Closed);
                var (handed, released) = SendPiece(MessageBuffer.HeadRoom + offset, Math.Min(pieceSize, _length - offset));
                _session.Flush();
                if (!released.IsCompleted)
                {
                    kept.Add(released);
                }

                await handed;
            }

            kept.Add(SendEnd());
            _session.Flush();
        }
        catch (OperationCanceledException)
        {
            // The session is over, and with it the message.
        }
        finally
        {
            // From here on the pieces count by themselves, until they are confirmed.
            _session.Outbox.EndHold(_array.Length);
            // Not awaited: it ends with the client's receipt, or with the session, and what follows does not wait for that.
            _ = GiveBackAsync(kept);
            _session.Requests.Ended();
        }
    }

    // The client may be sent the pieces again until it has confirmed them.
    private async Task GiveBackAsync(List<Task> kept)
    {
        await Task.WhenAll(kept);
        _session.Transfers.Remove(this);
        _session.Outbox.ReleaseHeld(_array.Length);
        ArrayPool<byte>.Shared.Return(_array);
    }

    // The head of a piece is written over the end of the one before, which has been handed to a socket by then; the first
    // one's lies in the buffer's head room. So the pieces are sent from where the message was packed.
    // Handed ends when the next piece may follow, Released when the array is not needed for this one any more.
    private (Task Handed, Task Released) SendPiece(int start, int length)
    {
        var head = Division.PieceHeadLength(RequestId.Length, length);
        var isInPlace = _encoding == WireEncoding.MessagePack && head + Outbox.RoomBefore(head + length) <= MessageBuffer.HeadRoom;
        var buffer = MessageBuffer.Rent();
        try
        {
            lock (_gate)
            {
                if (_isInterrupted)
                {
                    throw new OperationCanceledException();
                }

                if (!isInPlace)
                {
                    Division.WritePiece(buffer, RequestId, _array.AsSpan(start, length));
                    _session.Channel.SendWhole(buffer, _encoding);
                    return (Task.CompletedTask, Task.CompletedTask);
                }

                Division.WritePieceHead(buffer, RequestId, length);
                var handed = _session.Outbox.AppendPieceAsync(_encoding, buffer.Written, _array, start, length, out var released);
                return (handed, released);
            }
        }
        finally
        {
            buffer.Return();
        }
    }

    // Ends when the client has confirmed the message, or cannot be asked to.
    private Task SendEnd()
    {
        var buffer = MessageBuffer.Rent();
        Division.WriteEnd(buffer, RequestId);
        var written = _encoding == WireEncoding.Json ? buffer.ToJsonText() : buffer;
        try
        {
            lock (_gate)
            {
                if (_isInterrupted)
                {
                    throw new OperationCanceledException();
                }

                _session.Outbox.AppendTracked(_encoding, written.Written, out var released);
                return released;
            }
        }
        finally
        {
            if (written != buffer)
            {
                written.Return();
            }

            buffer.Return();
        }
    }
}
