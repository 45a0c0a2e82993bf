using System.Buffers;
using Ducts.MessagePack;

namespace Ducts.Protocol;

/// <summary>The messages by which the two sides of a session of version 2 keep in step; see section 12 of docs/protocol.md.</summary>
internal static class SessionMessages
{
    /// <summary>How many levels the data of these messages may have.</summary>
    public const int MaxDepth = 8;

    // What a message in MessagePack begins with that has no request: an array of three, nil.
    private const byte ArrayOfThree = 0x93;
    private const byte Nil = 0xC0;

    /// <summary>Returns whether a message in MessagePack has no request's id, so that it may be one of these.</summary>
    public static bool IsWithoutRequest(ReadOnlySpan<byte> message)
    {
        if (message.Length > 2 && message[0] == ArrayOfThree)
        {
            return message[1] == Nil;
        }

        var reader = new PackReader(message);
        return reader.TryReadArrayHeader(out var count) == MessagePackStatus.Ok && count == ReplyMessages.Parts && reader.TryReadNil() == MessagePackStatus.Ok;
    }

    /// <summary>Reads which event a message without a request is of.</summary>
    /// <param name="message">The message, in MessagePack.</param>
    /// <param name="data">Its data's bytes, with whatever follows.</param>
    /// <returns>Null where it has a request, or cannot be read.</returns>
    public static int? ReadEventWithoutRequest(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> data)
    {
        data = default;
        var reader = new PackReader(message);
        if (reader.TryReadArrayHeader(out var count) != MessagePackStatus.Ok
            || count != ReplyMessages.Parts
            || reader.TryReadNil() != MessagePackStatus.Ok
            || reader.TryReadInt32(out var eventId) != MessagePackStatus.Ok)
        {
            return null;
        }

        data = reader.Remaining;
        return eventId;
    }

    /// <summary>Returns whether a message of the server has a number, by its event.</summary>
    public static bool HasNumber(int eventId) =>
        eventId is not (ProtocolEvents.AliveMonitoring or ProtocolEvents.Received or ProtocolEvents.Welcome);

    /// <summary>Reads RECEIVED's data.</summary>
    public static bool TryReadReceived(MessagePackElement data, out long number) => data.TryGetInt64(out number) && number >= 0;

    /// <summary>Reads by which message the server tells what it has refused: <c>{"number": k, "code": 1009}</c>.</summary>
    public static bool TryReadRefused(MessagePackElement data, out long number, out int code)
    {
        (number, code) = (0, 0);
        return data.Kind == MessagePackKind.Map && TryReadCount(data, "number"u8, out number)
            && data.TryGetProperty("code"u8, out var value) && value.TryGetInt32(out code);
    }

    /// <summary>Reads a member of a map that is a number from 0 on.</summary>
    public static bool TryReadCount(MessagePackElement map, ReadOnlySpan<byte> name, out long count)
    {
        count = 0;
        return map.TryGetProperty(name, out var value) && value.TryGetInt64(out count) && count >= 0;
    }

    /// <summary>Reads RECEIVED's data.</summary>
    public static bool TryReadReceived(ReadOnlySpan<byte> data, out long number)
    {
        var reader = new PackReader(data);
        return TryReadNumber(ref reader, out number) == MessagePackStatus.Ok && reader.IsEnd && number >= 0;
    }

    /// <summary>Reads CREDIT's data.</summary>
    /// <param name="data">The data.</param>
    /// <param name="requestId">The bytes of the request's id.</param>
    /// <param name="credit">How many items more it may send, from 1 on.</param>
    public static bool TryReadCredit(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> requestId, out int credit)
    {
        requestId = default;
        credit = 0;
        var reader = new PackReader(data);
        if (reader.TryReadMapHeader(out var count) != MessagePackStatus.Ok)
        {
            return false;
        }

        for (; count > 0; count--)
        {
            if (reader.TryReadStringBytes(out var name) != MessagePackStatus.Ok)
            {
                return false;
            }

            var status = name.SequenceEqual("id"u8) ? reader.TryReadRaw(out requestId, MaxDepth)
                : name.SequenceEqual("credit"u8) ? reader.TryReadInt32(out credit)
                : reader.TrySkip(MaxDepth);
            if (status != MessagePackStatus.Ok)
            {
                return false;
            }
        }

        return reader.IsEnd && !requestId.IsEmpty && credit > 0;
    }

    /// <summary>Writes RECEIVED: all messages up to a number have been taken.</summary>
    public static void WriteReceived(IBufferWriter<byte> output, long number)
    {
        var writer = Begin(output, ProtocolEvents.Received);
        writer.WriteInt64(number);
        writer.Flush();
    }

    /// <summary>Writes CREDIT: the stream of a request may send so many items more.</summary>
    public static void WriteCredit(IBufferWriter<byte> output, long requestId, int credit)
    {
        var writer = Begin(output, ProtocolEvents.Credit);
        writer.WriteMapHeader(2);
        writer.WriteString("id");
        writer.WriteInt64(requestId);
        writer.WriteString("credit");
        writer.WriteInt64(credit);
        writer.Flush();
    }

    /// <summary>Writes which message of the client has been refused, and by which close code.</summary>
    public static void WriteRefused(IBufferWriter<byte> output, long number, int code)
    {
        var writer = Begin(output, ProtocolEvents.ProtocolError);
        writer.WriteMapHeader(2);
        writer.WriteString("number");
        writer.WriteInt64(number);
        writer.WriteString("code");
        writer.WriteInt64(code);
        writer.Flush();
    }

    /// <summary>Reads a whole number, also one that is written as a float.</summary>
    public static MessagePackStatus TryReadNumber(ref PackReader reader, out long number)
    {
        number = 0;
        var status = reader.TryPeekKind(out var kind);
        if (status != MessagePackStatus.Ok || kind != MessagePackKind.Float)
        {
            return status == MessagePackStatus.Ok ? reader.TryReadInt64(out number) : status;
        }

        status = reader.TryReadDouble(out var real);
        number = (long)real;
        return status == MessagePackStatus.Ok && number != real ? MessagePackStatus.TypeMismatch : status;
    }

    /// <summary>Begins a message without a request: its data follows.</summary>
    public static PackWriter Begin(IBufferWriter<byte> output, int eventId)
    {
        var writer = new PackWriter(output);
        writer.WriteArrayHeader(ReplyMessages.Parts);
        writer.WriteNil();
        writer.WriteInt64(eventId);
        return writer;
    }
}
