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
        try
        {
            var pieceSize = Division.PieceSize(session.Options.DivideThreshold, requestId.Length, encoding);
            for (var offset = 0; offset < length; offset += pieceSize)
            {
                session.Closed.ThrowIfCancellationRequested();
                await session.Outbox.WaitForBulkAsync(session.Closed);
                await SendPieceAsync(session, array, MessageBuffer.HeadRoom + offset, Math.Min(pieceSize, length - offset), requestId, encoding);
            }

            SendEnd(session, requestId, encoding);
        }
        catch (OperationCanceledException)
        {
            // The session is over, and with it the message.
        }
        finally
        {
            session.Outbox.EndHold(array.Length);
            ArrayPool<byte>.Shared.Return(array);
            session.Requests.Ended();
        }
    }

    // The head of a piece is written over the end of the one before, which has been handed to a socket by then; the first
    // one's lies in the buffer's head room. So the pieces are sent from where the message was packed.
    private static async Task SendPieceAsync(Session session, byte[] array, int start, int length, byte[] requestId, WireEncoding encoding)
    {
        var head = Division.PieceHeadLength(requestId.Length, length);
        var isInPlace = encoding == WireEncoding.MessagePack && head + Outbox.RoomBefore(head + length) <= MessageBuffer.HeadRoom;
        if (!isInPlace)
        {
            SendCopy(session, array.AsSpan(start, length), requestId, encoding);
            return;
        }

        WriteHead(array.AsSpan(start - head, head), requestId, length);
        var released = session.Outbox.AppendInPlaceAsync(encoding, array, start - head, head + length);
        session.Flush();
        await released;
    }

    private static void WriteHead(Span<byte> head, byte[] requestId, int length)
    {
        var buffer = MessageBuffer.Rent();
        Division.WritePieceHead(buffer, requestId, length);
        buffer.Written.CopyTo(head);
        buffer.Return();
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
