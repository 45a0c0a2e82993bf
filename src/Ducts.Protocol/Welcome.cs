using System.Buffers;
using Ducts.MessagePack;

namespace Ducts.Protocol;

/// <summary>The server's answer to <see cref="Hello"/>; see section 12 of docs/protocol.md.</summary>
/// <param name="Received">The number of the last message that the server has received.</param>
/// <param name="Life">The life of the numbers.</param>
/// <param name="IsLost">Whether the session's state had to begin anew.</param>
internal readonly record struct Welcome(long Received, string Life, bool IsLost)
{
    /// <summary>Writes the whole message.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = SessionMessages.Begin(output, ProtocolEvents.Welcome);
        writer.WriteMapHeader(3);
        writer.WriteString("received");
        writer.WriteInt64(Received);
        writer.WriteString("life");
        writer.WriteString(Life);
        writer.WriteString("lost");
        writer.WriteBoolean(IsLost);
        writer.Flush();
    }

    /// <summary>Reads a whole message; false for every other.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> message, out Welcome welcome)
    {
        welcome = default;
        if (MessagePackElement.TryParse(message, out var element) != MessagePackStatus.Ok
            || !ReplyMessage.TryRead(element, out var parts)
            || parts is not { RequestId.IsNil: true, EventId: ProtocolEvents.Welcome, Data.Kind: MessagePackKind.Map }
            || !SessionMessages.TryReadCount(parts.Data, "received"u8, out var received)
            || !parts.Data.TryGetProperty("life"u8, out var life) || !life.TryGetString(out var text) || text.Length is 0 or > Hello.MaxLifeLength)
        {
            return false;
        }

        var isLost = parts.Data.TryGetProperty("lost"u8, out var lost) && lost.TryGetBoolean(out var value) && value;
        welcome = new Welcome(received, text, isLost);
        return true;
    }
}
