using System.Buffers;
using Ducts.MessagePack;

namespace Ducts.Protocol;

/// <summary>How a large message is divided: into pieces that are messages of their own, then an end.</summary>
internal static class Division
{
    // A piece's head takes this much at the most, a long request id aside.
    private const int MaxHead = 32;

    // And in JSON, where it has names.
    private const int MaxJsonHead = 64;

    /// <summary>Returns how many bytes of the message each piece carries.</summary>
    /// <param name="threshold">The size that a piece as a whole should have.</param>
    /// <param name="requestIdLength">The bytes of the request id.</param>
    /// <param name="encoding">How the piece is written.</param>
    public static int PieceSize(int threshold, int requestIdLength, WireEncoding encoding)
    {
        // Each piece carries the request id. A long one must not make many pieces of little else, so that what is sent stays
        // within twice the message.
        var head = encoding == WireEncoding.Json ? MaxJsonHead : MaxHead;
        var room = Math.Max(threshold - head - requestIdLength, Math.Max(1, requestIdLength));
        // In JSON a piece is base64, four characters for three bytes.
        return encoding == WireEncoding.Json ? Math.Max(3, room / 4 * 3) : room;
    }

    /// <summary>Returns the length of what <see cref="WritePieceHead"/> writes.</summary>
    public static int PieceHeadLength(int requestIdLength, int pieceLength) =>
        // An array of three, the id, an event id below 128, and the head of a bin.
        2 + requestIdLength + pieceLength switch { <= byte.MaxValue => 2, <= ushort.MaxValue => 3, _ => 5 };

    /// <summary>Writes what comes before the bytes of a piece in MessagePack.</summary>
    public static void WritePieceHead(IBufferWriter<byte> output, ReadOnlySpan<byte> requestId, int pieceLength)
    {
        var writer = new PackWriter(output);
        writer.WriteArrayHeader(ReplyMessages.Parts);
        writer.WriteRaw(requestId);
        writer.WriteInt64(ProtocolEvents.DividedResponseAppend);
        writer.WriteBinaryHeader(pieceLength);
        writer.Flush();
    }

    /// <summary>Writes a whole piece in MessagePack.</summary>
    public static void WritePiece(IBufferWriter<byte> output, ReadOnlySpan<byte> requestId, ReadOnlySpan<byte> piece) =>
        ReplyMessages.Binary(output, requestId, ProtocolEvents.DividedResponseAppend, piece);

    /// <summary>Writes the end of a divided message in MessagePack.</summary>
    public static void WriteEnd(IBufferWriter<byte> output, ReadOnlySpan<byte> requestId) =>
        ReplyMessages.Null(output, requestId, ProtocolEvents.DividedResponseEnd);
}
