using System.Buffers;
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

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Writes a message in MessagePack as JSON text.</summary>
    public static void WriteText(ReadOnlySpan<byte> message, IBufferWriter<byte> text)
    {
        using var writer = new Utf8JsonWriter(text, WriterOptions);
        MessagePackJson.Write(message, writer);
        writer.Flush();
    }

    /// <summary>Reads a request in JSON text, <c>{"request_id":…, "event_id":…, "data":…}</c>.</summary>
    /// <param name="json">The text.</param>
    /// <param name="maxDepth">The levels of nesting that are accepted.</param>
    /// <param name="message">
    /// Gets the request in MessagePack, as far as it could be read: one without an event id has only its request id.
    /// </param>
    /// <returns>What is wrong, or null.</returns>
    public static string? ReadRequest(ReadOnlySpan<byte> json, int maxDepth, IBufferWriter<byte> message)
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

    private static string? ReadParts(ReadOnlySpan<byte> json, int maxDepth, ArrayBufferWriter<byte>?[] parts)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return "a request in text is a JSON object with request_id, event_id and data";
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
                    return problem;
                }

                writer.Flush();
            }

            if (reader.Read())
            {
                return "bytes follow the message";
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second: half a surrogate pair in the escapes of a name.
            return "the message is not JSON";
        }

        return parts[0] is null ? "request_id is missing" : parts[1] is null ? "event_id is missing" : null;
    }

    private static int IndexOf(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            if (reader.ValueTextEquals(Names[i].EncodedUtf8Bytes))
            {
                return i;
            }
        }

        return -1;
    }
}
