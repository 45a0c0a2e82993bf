using System.Buffers;
using Ducts.MessagePack;

namespace Ducts.Protocol;

/// <summary>
/// Writes the messages that a server sends, as docs/protocol.md has them: <c>[request id, event id, data]</c>, and for an
/// item of a stream the same once more as the data of a LOOP message.
/// </summary>
internal static class ReplyMessages
{
    /// <summary>The number of parts of every message.</summary>
    public const int Parts = 3;

    /// <summary>The request id of a message that answers no request: nil.</summary>
    public static ReadOnlySpan<byte> NoRequest => [0xC0];

    public static void Value<T>(IBufferWriter<byte> output, ReadOnlySpan<byte> requestId, int eventId, T value, PackConverter<T> converter)
    {
        var writer = Head(output, requestId, eventId);
        converter.Write(ref writer, value);
        writer.Flush();
    }

    public static void Null(IBufferWriter<byte> output, ReadOnlySpan<byte> requestId, int eventId)
    {
        var writer = Head(output, requestId, eventId);
        writer.WriteNil();
        writer.Flush();
    }

    public static void Text(IBufferWriter<byte> output, ReadOnlySpan<byte> requestId, int eventId, string text)
    {
        var writer = Head(output, requestId, eventId);
        writer.WriteString(text);
        writer.Flush();
    }

    public static void Binary(IBufferWriter<byte> output, ReadOnlySpan<byte> requestId, int eventId, ReadOnlySpan<byte> bytes)
    {
        var writer = Head(output, requestId, eventId);
        writer.WriteBinary(bytes);
        writer.Flush();
    }

    /// <summary>Writes an answer to ALIVE_MONITORING: the server's clock now and when the request came, in Unix seconds.</summary>
    public static void Alive(IBufferWriter<byte> output, ReadOnlySpan<byte> requestId, double now, double received)
    {
        var writer = Head(output, requestId, ProtocolEvents.AliveMonitoring);
        writer.WriteArrayHeader(2);
        // As float64 each, whatever the value: the Swift client reads nothing else.
        writer.WriteDouble(now);
        writer.WriteDouble(received);
        writer.Flush();
    }

    public static void Item<T>(IBufferWriter<byte> output, int loopEvent, ReadOnlySpan<byte> requestId, int eventId, T item, PackConverter<T> converter)
    {
        var writer = LoopHead(output, loopEvent, requestId, eventId);
        converter.Write(ref writer, item);
        writer.Flush();
    }

    /// <summary>Writes what comes before each item of a stream but its first.</summary>
    public static void ItemHead(IBufferWriter<byte> output, ReadOnlySpan<byte> requestId, int eventId) =>
        LoopHead(output, ProtocolEvents.LoopResponseNext, requestId, eventId).Flush();

    public static void LoopNull(IBufferWriter<byte> output, int loopEvent, ReadOnlySpan<byte> requestId, int eventId)
    {
        var writer = LoopHead(output, loopEvent, requestId, eventId);
        writer.WriteNil();
        writer.Flush();
    }

    public static void LoopText(IBufferWriter<byte> output, int loopEvent, ReadOnlySpan<byte> requestId, int eventId, string text)
    {
        var writer = LoopHead(output, loopEvent, requestId, eventId);
        writer.WriteString(text);
        writer.Flush();
    }

    private static PackWriter Head(IBufferWriter<byte> output, ReadOnlySpan<byte> requestId, int eventId)
    {
        var writer = new PackWriter(output);
        writer.WriteArrayHeader(Parts);
        writer.WriteRaw(requestId);
        writer.WriteInt64(eventId);
        return writer;
    }

    private static PackWriter LoopHead(IBufferWriter<byte> output, int loopEvent, ReadOnlySpan<byte> requestId, int eventId)
    {
        var writer = Head(output, requestId, loopEvent);
        writer.WriteArrayHeader(Parts);
        writer.WriteRaw(requestId);
        writer.WriteInt64(eventId);
        return writer;
    }
}
