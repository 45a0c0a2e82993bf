using System.Buffers;
using Ducts.MessagePack;

namespace Ducts.Protocol;

/// <summary>The first message of a connection of version 2; see section 12 of docs/protocol.md.</summary>
/// <param name="Key">The session's key, in base64.</param>
/// <param name="Received">The number of the last message that the client has processed.</param>
/// <param name="Life">The life of the numbers; null where the client does not know one yet.</param>
/// <param name="Attempt">Which of the session's connections it is, from 1 on.</param>
internal sealed record Hello(string Key, long Received, string? Life, long Attempt)
{
    /// <summary>How many bytes the message may have.</summary>
    public const int MaxLength = 4096;

    /// <summary>How many characters the name of a life has at most.</summary>
    public const int MaxLifeLength = 64;

    // What clients whose numbers are floats can count to.
    private const long MaxNumber = (1L << 53) - 1;

    /// <summary>Writes the whole message.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = SessionMessages.Begin(output, ProtocolEvents.Hello);
        writer.WriteMapHeader(Life is null ? 3 : 4);
        writer.WriteString("key");
        writer.WriteString(Key);
        writer.WriteString("received");
        writer.WriteInt64(Received);
        if (Life is not null)
        {
            writer.WriteString("life");
            writer.WriteString(Life);
        }

        writer.WriteString("attempt");
        writer.WriteInt64(Attempt);
        writer.Flush();
    }

    /// <summary>Reads a whole message; anything may be in it.</summary>
    /// <param name="message">The message, in MessagePack.</param>
    /// <returns>Null where it is no HELLO.</returns>
    public static Hello? Read(ReadOnlySpan<byte> message)
    {
        if (SessionMessages.ReadEventWithoutRequest(message, out var data) != ProtocolEvents.Hello)
        {
            return null;
        }

        string? key = null;
        string? life = null;
        long received = -1;
        long attempt = 0;
        var reader = new PackReader(data);
        if (reader.TryReadMapHeader(out var count) != MessagePackStatus.Ok)
        {
            return null;
        }

        for (; count > 0; count--)
        {
            if (reader.TryReadStringBytes(out var name) != MessagePackStatus.Ok)
            {
                return null;
            }

            var status = MessagePackStatus.Ok;
            if (name.SequenceEqual("key"u8))
            {
                status = reader.TryReadString(out key);
            }
            else if (name.SequenceEqual("received"u8))
            {
                status = SessionMessages.TryReadNumber(ref reader, out received);
            }
            else if (name.SequenceEqual("attempt"u8))
            {
                status = SessionMessages.TryReadNumber(ref reader, out attempt);
            }
            else if (name.SequenceEqual("life"u8))
            {
                life = null;
                status = reader.TryReadNil() == MessagePackStatus.Ok ? MessagePackStatus.Ok : reader.TryReadString(out life);
            }
            else
            {
                status = reader.TrySkip(SessionMessages.MaxDepth);
            }

            if (status != MessagePackStatus.Ok)
            {
                return null;
            }
        }

        var isValid = reader.IsEnd && key is not null && received is >= 0 and <= MaxNumber && attempt is >= 1 and <= MaxNumber && life is not { Length: > MaxLifeLength };
        return isValid ? new Hello(key!, received, life, attempt) : null;
    }
}
