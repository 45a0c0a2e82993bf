using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ducts.MessagePack;

namespace Ducts.Protocol;

/// <summary>
/// The form of messages for clients without MessagePack. A request in JSON text becomes the same request in MessagePack, and
/// a reply in MessagePack the same reply in JSON text, so that everything between the two knows one form.
/// </summary>
internal static class JsonForm
{
    private static readonly JsonEncodedText[] Names = [JsonEncodedText.Encode("request_id"), JsonEncodedText.Encode("event_id"), JsonEncodedText.Encode("data")];

    private const int UnicodeEscapeLength = 6;

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>
    /// Writes a message in MessagePack as JSON text, an object of its three parts; what a stream's message carries is another.
    /// </summary>
    public static void WriteText(ReadOnlySpan<byte> message, IBufferWriter<byte> text)
    {
        using var writer = new Utf8JsonWriter(text, WriterOptions);
        WriteObject(message, writer);
        writer.Flush();
    }

    private static void WriteObject(ReadOnlySpan<byte> message, Utf8JsonWriter writer)
    {
        var reader = new PackReader(message);
        if (reader.TryReadArrayHeader(out var count) != MessagePackStatus.Ok || count != ReplyMessages.Parts)
        {
            MessagePackJson.Write(message, writer);
            return;
        }

        writer.WriteStartObject();
        writer.WritePropertyName(Names[0]);
        MessagePackJson.Write(message[reader.Position..], writer);
        reader.TrySkip(int.MaxValue);
        reader.TryReadInt32(out var eventId);
        writer.WriteNumber(Names[1], eventId);
        writer.WritePropertyName(Names[2]);
        var data = message[reader.Position..];
        if (eventId is ProtocolEvents.LoopResponseStart or ProtocolEvents.LoopResponseNext or ProtocolEvents.LoopResponseEnd)
        {
            WriteObject(data, writer);
        }
        else
        {
            MessagePackJson.Write(data, writer);
        }

        writer.WriteEndObject();
    }

    /// <summary>Reads a request in JSON text, <c>{"request_id":…, "event_id":…, "data":…}</c>.</summary>
    /// <param name="json">The text.</param>
    /// <param name="maxDepth">The levels of nesting that are accepted.</param>
    /// <param name="message">
    /// Gets the request in MessagePack, as far as it could be read: one without an event id has only its request id.
    /// </param>
    /// <returns>What is wrong, or null.</returns>
    public static RequestProblem? ReadRequest(ReadOnlySpan<byte> json, int maxDepth, IBufferWriter<byte> message)
    {
        var parts = new ArrayBufferWriter<byte>?[Names.Length];
        var problem = ReadParts(json, maxDepth, parts);
        var count = parts[0] is null ? 0 : parts[1] is null ? 1 : Names.Length;
        var writer = new PackWriter(message);
        writer.WriteArrayHeader(count);
        for (var i = 0; i < count; i++)
        {
            if (parts[i] is { } part)
            {
                writer.WriteRaw(part.WrittenSpan);
            }
            else
            {
                writer.WriteNil();
            }
        }

        writer.Flush();
        return problem;
    }

    private static RequestProblem? ReadParts(ReadOnlySpan<byte> json, int maxDepth, ArrayBufferWriter<byte>?[] parts)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return Malformed("a request in text is a JSON object with request_id, event_id and data");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var index = IndexOf(ref reader);
                reader.Read();
                if (index < 0)
                {
                    reader.Skip();
                    continue;
                }

                // Of a name that comes twice the last counts.
                var part = parts[index] = new ArrayBufferWriter<byte>();
                var writer = new PackWriter(part);
                if (!MessagePackJson.TryRead(ref reader, ref writer, maxDepth, out var problem))
                {
                    return Malformed(problem!);
                }

                writer.Flush();
            }

            if (reader.Read())
            {
                return Malformed("bytes follow the message");
            }
        }
        catch (JsonException)
        {
            return Malformed("the message is not JSON");
        }

        if (parts[0] is null)
        {
            return Malformed("request_id is missing");
        }

        // What JavaScript makes of an event id that is undefined.
        return parts[1] is null ? new RequestProblem("event_id is missing", IsMalformed: false) : null;
    }

    private static RequestProblem Malformed(string text) => new(text, IsMalformed: true);

    private static int IndexOf(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            var name = Names[i].EncodedUtf8Bytes;
            if (reader.ValueIsEscaped ? IsEscaped(reader.ValueSpan, name) : reader.ValueSpan.SequenceEqual(name))
            {
                return i;
            }
        }

        return -1;
    }

    // The reader's own comparison throws for half a surrogate pair, and exceptions are dear. The names need no escape but \u.
    private static bool IsEscaped(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        foreach (var expected in name)
        {
            if (text.IsEmpty)
            {
                return false;
            }

            var found = (uint)text[0];
            var length = 1;
            if (found == '\\')
            {
                length = UnicodeEscapeLength;
                if (text.Length < length || text[1] != 'u' || !Utf8Parser.TryParse(text[2..length], out found, out _, 'X'))
                {
                    return false;
                }
            }

            if (found != expected)
            {
                return false;
            }

            text = text[length..];
        }

        return text.IsEmpty;
    }
}
