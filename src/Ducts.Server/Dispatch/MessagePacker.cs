using Ducts.Connections;
using Ducts.MessagePack;

namespace Ducts.Dispatch;

/// <summary>Packs the messages a server sends, as docs/protocol.md has them.</summary>
internal static class MessagePacker
{
    private const int Parts = 3;

    public static void Reply<T>(MessageBuffer buffer, ReadOnlySpan<byte> requestId, int eventId, T value, MessagePackConverter<T> converter)
    {
        var writer = Head(buffer, requestId, eventId);
        converter.Write(ref writer, value);
        writer.Flush();
    }

    public static void Null(MessageBuffer buffer, ReadOnlySpan<byte> requestId, int eventId)
    {
        var writer = Head(buffer, requestId, eventId);
        writer.WriteNil();
        writer.Flush();
    }

    public static void Raw(MessageBuffer buffer, ReadOnlySpan<byte> requestId, int eventId, ReadOnlySpan<byte> packed)
    {
        var writer = Head(buffer, requestId, eventId);
        writer.WriteRaw(packed);
        writer.Flush();
    }

    public static void Text(MessageBuffer buffer, ReadOnlySpan<byte> requestId, int eventId, string text)
    {
        var writer = Head(buffer, requestId, eventId);
        writer.WriteString(text);
        writer.Flush();
    }

    public static void Binary(MessageBuffer buffer, ReadOnlySpan<byte> requestId, int eventId, ReadOnlySpan<byte> bytes)
    {
        var writer = Head(buffer, requestId, eventId);
        writer.WriteBinary(bytes);
        writer.Flush();
    }

    public static void Item<T>(MessageBuffer buffer, int loopEvent, ReadOnlySpan<byte> requestId, int eventId, T item, MessagePackConverter<T> converter)
    {
        var writer = LoopHead(buffer, loopEvent, requestId, eventId);
        converter.Write(ref writer, item);
        writer.Flush();
    }

    /// <summary>What comes before each item of a stream but its first.</summary>
    public static byte[] ItemHead(ReadOnlySpan<byte> requestId, int eventId)
    {
        var buffer = MessageBuffer.Rent();
        LoopHead(buffer, ProtocolEvents.LoopResponseNext, requestId, eventId).Flush();
        var head = buffer.Written.ToArray();
        buffer.Return();
        return head;
    }

    public static void LoopNull(MessageBuffer buffer, int loopEvent, ReadOnlySpan<byte> requestId, int eventId)
    {
        var writer = LoopHead(buffer, loopEvent, requestId, eventId);
        writer.WriteNil();
        writer.Flush();
    }

    public static void LoopText(MessageBuffer buffer, int loopEvent, ReadOnlySpan<byte> requestId, int eventId, string text)
    {
        var writer = LoopHead(buffer, loopEvent, requestId, eventId);
        writer.WriteString(text);
        writer.Flush();
    }

    private static MessagePackWriter Head(MessageBuffer buffer, ReadOnlySpan<byte> requestId, int eventId)
    {
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(Parts);
        writer.WriteRaw(requestId);
        writer.WriteInt64(eventId);
        return writer;
    }

    private static MessagePackWriter LoopHead(MessageBuffer buffer, int loopEvent, ReadOnlySpan<byte> requestId, int eventId)
    {
        var writer = Head(buffer, requestId, loopEvent);
        writer.WriteArrayHeader(Parts);
        writer.WriteRaw(requestId);
        writer.WriteInt64(eventId);
        return writer;
    }
}
