using System.Buffers;
using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>Sends a large message in pieces, each when little else waits, so that small messages go between them.</summary>
internal static class DividedTransfer
{
    /// <summary>Takes the message out of the buffer and sends it.</summary>
    /// <returns>Ends when the last piece is queued.</returns>
    public static Task RunAsync(Session session, MessageBuffer message, ReadOnlySpan<byte> requestId, WireEncoding encoding)
    {
        var array = message.Detach(out var length);
        session.Requests.Began();
        session.Outbox.Hold(array.Length);
        return SendPiecesAsync(session, array, length, requestId.ToArray(), encoding);
    }

    private static async Task SendPiecesAsync(Session session, byte[] array, int length, byte[] requestId, WireEncoding encoding)
    {
        var kept = new List<Task>();
        try
        {
            var pieceSize = Division.PieceSize(session.Options.DivideThreshold, requestId.Length, encoding);
            for (var offset = 0; offset < length; offset += pieceSize)
            {
                session.Closed.ThrowIfCancellationRequested();
                await session.Outbox.WaitForBulkAsync(session.Closed);
                var released = await SendPieceAsync(session, array, MessageBuffer.HeadRoom + offset, Math.Min(pieceSize, length - offset), requestId, encoding);
                if (!released.IsCompleted)
                {
                    kept.Add(released);
                }
            }

            SendEnd(session, requestId, encoding);
        }
        catch (OperationCanceledException)
        {
            // The session is over, and with it the message.
        }
        finally
        {
            // Not awaited: it ends with the client's receipt, or with the session, and what follows does not wait for that.
            _ = GiveBackAsync(session, array, kept);
            session.Requests.Ended();
        }
    }

    // A client that says what it has received may ask for the pieces again until then.
    private static async Task GiveBackAsync(Session session, byte[] array, List<Task> kept)
    {
        await Task.WhenAll(kept);
        session.Outbox.EndHold(array.Length);
        ArrayPool<byte>.Shared.Return(array);
    }

    // The head of a piece is written over the end of the one before, which has been handed to a socket by then; the first
    // one's lies in the buffer's head room. So the pieces are sent from where the message was packed.
    // Ends when the next piece may follow; its result when the array is not needed for this one any more.
    private static async Task<Task> SendPieceAsync(Session session, byte[] array, int start, int length, byte[] requestId, WireEncoding encoding)
    {
        var head = Division.PieceHeadLength(requestId.Length, length);
        var isInPlace = encoding == WireEncoding.MessagePack && head + Outbox.RoomBefore(head + length) <= MessageBuffer.HeadRoom;
        if (!isInPlace)
        {
            SendCopy(session, array.AsSpan(start, length), requestId, encoding);
            return Task.CompletedTask;
        }

        var handed = AppendPiece(session, array, start, length, requestId, encoding, out var released);
        session.Flush();
        await handed;
        return released;
    }

    private static Task AppendPiece(Session session, byte[] array, int start, int length, byte[] requestId, WireEncoding encoding, out Task released)
    {
        var head = MessageBuffer.Rent();
        Division.WritePieceHead(head, requestId, length);
        var handed = session.Outbox.AppendPieceAsync(encoding, head.Written, array, start, length, out released);
        head.Return();
        return handed;
    }

    private static void SendCopy(Session session, ReadOnlySpan<byte> piece, byte[] requestId, WireEncoding encoding)
    {
        var buffer = MessageBuffer.Rent();
        Division.WritePiece(buffer, requestId, piece);
        session.Channel.SendWhole(buffer, encoding);
        buffer.Return();
        session.Flush();
    }

    private static void SendEnd(Session session, byte[] requestId, WireEncoding encoding)
    {
        var buffer = MessageBuffer.Rent();
        Division.WriteEnd(buffer, requestId);
        session.Channel.SendWhole(buffer, encoding);
        buffer.Return();
        session.Flush();
    }
}
