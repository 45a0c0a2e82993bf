using System.Buffers;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>The messages of version 2 of the protocol that belong to no request, as docs/protocol.md has them in section 12.</summary>
internal static class ResumptionMessages
{
    public const int Received = 7;
    public const int Welcome = 8;
    public const int Credit = 9;
    public const int End = 12;
    public const int Hello = 13;

    private const int MaxLifeLength = 64;

    /// <summary>Returns whether the server counts a message of its own.</summary>
    public static bool HasNumber(int eventId) => eventId is not (ProtocolEvents.AliveMonitoring or Received or Welcome);

    public static void WriteHello(IBufferWriter<byte> output, string key, long received, string? life, long attempt)
    {
        var writer = Head(output, Hello);
        writer.WriteMapHeader(life is null ? 3 : 4);
        writer.WriteString("key");
        writer.WriteString(key);
        writer.WriteString("received");
        writer.WriteInt64(received);
        if (life is not null)
        {
            writer.WriteString("life");
            writer.WriteString(life);
        }

        writer.WriteString("attempt");
        writer.WriteInt64(attempt);
        writer.Flush();
    }

    public static void WriteReceived(IBufferWriter<byte> output, long number)
    {
        var writer = Head(output, Received);
        writer.WriteInt64(number);
        writer.Flush();
    }

    public static void WriteCredit(IBufferWriter<byte> output, long requestId, int credit)
    {
        var writer = Head(output, Credit);
        writer.WriteMapHeader(2);
        writer.WriteString("id");
        writer.WriteInt64(requestId);
        writer.WriteString("credit");
        writer.WriteInt64(credit);
        writer.Flush();
    }

    /// <summary>Reads WELCOME; false for every other message.</summary>
    public static bool TryReadWelcome(ReadOnlyMemory<byte> message, out Welcome welcome)
    {
        welcome = default;
        if (MessagePackElement.TryParse(message, out var element) != MessagePackStatus.Ok
            || !ReplyMessage.TryRead(element, out var parts)
            || parts is not { RequestId.IsNil: true, EventId: Welcome, Data.Kind: MessagePackKind.Map }
            || !TryReadCount(parts.Data, "received"u8, out var received)
            || !parts.Data.TryGetProperty("life"u8, out var life) || !life.TryGetString(out var text) || text.Length is 0 or > MaxLifeLength)
        {
            return false;
        }

        var isLost = parts.Data.TryGetProperty("lost"u8, out var lost) && lost.TryGetBoolean(out var value) && value;
        welcome = new Welcome(received, text, isLost);
        return true;
    }

    /// <summary>Reads the data of RECEIVED.</summary>
    public static bool TryReadReceived(MessagePackElement data, out long number) => data.TryGetInt64(out number) && number >= 0;

    /// <summary>Reads the data of the message by which the server tells what it has refused: <c>{"number": k, "code": 1009}</c>.</summary>
    public static bool TryReadRefused(MessagePackElement data, out long number, out int code)
    {
        (number, code) = (0, 0);
        return data.Kind == MessagePackKind.Map && TryReadCount(data, "number"u8, out number)
            && data.TryGetProperty("code"u8, out var value) && value.TryGetInt32(out code);
    }

    private static bool TryReadCount(MessagePackElement map, ReadOnlySpan<byte> name, out long count)
    {
        count = 0;
        return map.TryGetProperty(name, out var value) && value.TryGetInt64(out count) && count >= 0;
    }

    private static PackWriter Head(IBufferWriter<byte> output, int eventId)
    {
        var writer = new PackWriter(output);
        writer.WriteArrayHeader(ReplyMessages.Parts);
        writer.WriteNil();
        writer.WriteInt64(eventId);
        return writer;
    }
}

/// <summary>What the server says to HELLO.</summary>
/// <param name="Received">The number of the last message that it has received.</param>
/// <param name="Life">Which life of the numbers is meant.</param>
/// <param name="IsLost">Whether the session's state had to begin anew.</param>
internal readonly record struct Welcome(long Received, string Life, bool IsLost);
