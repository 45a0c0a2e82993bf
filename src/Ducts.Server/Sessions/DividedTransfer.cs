using System.Buffers;
using Ducts.Connections;
using Ducts.Dispatch;
using Ducts.MessagePack;

namespace Ducts.Sessions;

/// <summary>Sends a large message in pieces, each when little else waits, so that small messages go between them.</summary>
internal static class DividedTransfer
{
    // A piece is a message of its own: its head takes this much at the most, a long request id aside.
    private const int PieceHead = 32;

    /// <summary>Takes the message out of the buffer and sends it.</summary>
    /// <returns>Ends when the last piece is queued.</returns>
    public static Task RunAsync(Session session, MessageBuffer message, ReadOnlySpan<byte> requestId, WireEncoding encoding)
    {
        var array = message.Detach(out var length);
        session.Requests.Began();
        return SendPiecesAsync(session, array, length, requestId.ToArray(), encoding);
    }

    private static async Task SendPiecesAsync(Session session, byte[] array, int length, byte[] requestId, WireEncoding encoding)
    {
        try
        {
            var pieceSize = PieceSize(session.Options.DivideThreshold, requestId.Length, encoding);
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
            ArrayPool<byte>.Shared.Return(array);
            session.Requests.Ended();
        }
    }

    private static int PieceSize(int threshold, int requestIdLength, WireEncoding encoding)
    {
        // Each piece carries the request id. A long one must not make many pieces of little else, so that what is sent stays
        // within twice the message.
        var room = Math.Max(threshold - PieceHead - requestIdLength, Math.Max(1, requestIdLength));
        // In JSON a piece is base64, four characters for three bytes.
        return encoding == WireEncoding.Json ? Math.Max(3, room / 4 * 3) : room;
    }

    // The head of a piece is written over the end of the one before, which has been handed to a socket by then; the first
    // one's lies in the buffer's head room. So the pieces are sent from where the message was packed.
    private static async Task SendPieceAsync(Session session, byte[] array, int start, int length, byte[] requestId, WireEncoding encoding)
    {
        var head = PieceHeadLength(requestId.Length, length);
        var isInPlace = encoding == WireEncoding.MessagePack && head + FrameHeader.ServerLength(head + length) <= MessageBuffer.HeadRoom;
        if (!isInPlace)
        {
            SendCopy(session, array.AsSpan(start, length), requestId, encoding);
            return;
        }

        WritePieceHead(array.AsSpan(start - head, head), requestId, length);
        var released = session.Outbox.AppendInPlaceAsync(Opcode.Binary, array, start - head, head + length);
        session.Outbox.Signal();
        await released;
    }

    // An array of three, the id, an event id below 128, and the head of a bin of at least 64 KiB; smaller ones fit in it.
    private static int PieceHeadLength(int requestIdLength, int length) => 2 + requestIdLength + BinaryHeadLength(length);

    private static int BinaryHeadLength(int length) => length switch { <= byte.MaxValue => 2, <= ushort.MaxValue => 3, _ => 5 };

    private static void WritePieceHead(Span<byte> head, byte[] requestId, int length)
    {
        var buffer = MessageBuffer.Rent();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(3);
        writer.WriteRaw(requestId);
        writer.WriteInt64(ProtocolEvents.DividedResponseAppend);
        writer.WriteBinaryHeader(length);
        writer.Flush();
        buffer.Written.CopyTo(head);
        buffer.Return();
    }

    private static void SendCopy(Session session, ReadOnlySpan<byte> piece, byte[] requestId, WireEncoding encoding)
    {
        var buffer = MessageBuffer.Rent();
        MessagePacker.Binary(buffer, requestId, ProtocolEvents.DividedResponseAppend, piece);
        session.SendWhole(buffer, encoding);
        buffer.Return();
        session.Outbox.Signal();
    }

    private static void SendEnd(Session session, byte[] requestId, WireEncoding encoding)
    {
        var buffer = MessageBuffer.Rent();
        MessagePacker.Null(buffer, requestId, ProtocolEvents.DividedResponseEnd);
        session.SendWhole(buffer, encoding);
        buffer.Return();
        session.Outbox.Signal();
    }
}
