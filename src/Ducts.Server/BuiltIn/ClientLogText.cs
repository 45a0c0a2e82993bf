using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ducts.MessagePack;

namespace Ducts.BuiltIn;

/// <summary>A client's data as one line of JSON for the log; no more of it is looked at than the line has room for.</summary>
internal static class ClientLogText
{
    /// <summary>The most bytes that a line has of the data.</summary>
    public const int MaxLength = 8 * 1024;

    // One line: control characters stay escaped. Nobody shows it as HTML.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes data as JSON.</summary>
    /// <param name="data">One validated value.</param>
    /// <returns>The text; what was cut ends in an ellipsis.</returns>
    public static string Of(ReadOnlySpan<byte> data)
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output, Options);
        var reader = new PackReader(data);
        var isWhole = TryWrite(ref reader, json);
        json.Flush();
        var text = output.WrittenSpan;
        if (isWhole && text.Length <= MaxLength)
            return Encoding.UTF8.GetString(text);
        var length = Math.Min(text.Length, MaxLength);

        // Not inside of a character.
        while (length > 0 && length < text.Length && (text[length] & 0xc0) == 0x80)
            length--;
        return Encoding.UTF8.GetString(text[..length]) + "…";
    }

    private static int RoomOf(Utf8JsonWriter json) => (int)Math.Max(0, MaxLength - json.BytesCommitted - json.BytesPending);

    /// <summary>Writes a value; false when there was no room for all of it.</summary>
    private static bool TryWrite(ref PackReader reader, Utf8JsonWriter json)
    {
        var room = RoomOf(json);
        if (room == 0)
        {
            return false;
        }

        _ = reader.TryPeekKind(out var kind);
        switch (kind)
        {
            case MessagePackKind.Array:
                return TryWriteArray(ref reader, json);
            case MessagePackKind.Map:
                return TryWriteMap(ref reader, json);
            case MessagePackKind.String:
                json.WriteStringValue(ReadText(ref reader, room, out var isWhole));
                return isWhole;
            case MessagePackKind.Binary:
                _ = reader.TryReadBinary(out var bytes);
                json.WriteBase64StringValue(bytes[..Math.Min(bytes.Length, room)]);
                return bytes.Length <= room;
            case MessagePackKind.Extension when reader.Remaining.Length > room && reader.TryReadExtension(out _, out bytes) == MessagePackStatus.Ok:
                json.WriteBase64StringValue(bytes[..Math.Min(bytes.Length, room)]);
                return bytes.Length <= room;
            default:
                _ = reader.TryReadRaw(out var scalar, maxDepth: 0);
                MessagePackJson.Write(scalar, json);
                return true;
        }
    }

    private static bool TryWriteArray(ref PackReader reader, Utf8JsonWriter json)
    {
        _ = reader.TryReadArrayHeader(out var count);
        json.WriteStartArray();
        for (var i = 0; i < count; i++)
        {
            if (!TryWrite(ref reader, json))
            {
                return false;
            }
        }

        json.WriteEndArray();
        return true;
    }

    private static bool TryWriteMap(ref PackReader reader, Utf8JsonWriter json)
    {
        _ = reader.TryReadMapHeader(out var count);
        json.WriteStartObject();
        for (var i = 0; i < count; i++)
        {
            if (!TryWriteName(ref reader, json) || !TryWrite(ref reader, json))
            {
                return false;
            }
        }

        json.WriteEndObject();
        return true;
    }

    private static bool TryWriteName(ref PackReader reader, Utf8JsonWriter json)
    {
        var room = RoomOf(json);
        if (room == 0)
        {
            return false;
        }

        _ = reader.TryPeekKind(out var kind);
        if (kind == MessagePackKind.String)
        {
            json.WritePropertyName(ReadText(ref reader, room, out var isWhole));
            return isWhole;
        }

        // A key of another kind, as JSON text; a long one is the end of the line.
        _ = reader.TryReadRaw(out var key, int.MaxValue);
        if (key.Length > room)
        {
            return false;
        }

        json.WritePropertyName(new MessagePackElement(key.ToArray()).ToString());
        return true;
    }

    private static string ReadText(ref PackReader reader, int room, out bool isWhole)
    {
        var start = reader;
        _ = reader.TryReadStringBytes(out var bytes);
        isWhole = bytes.Length <= room;
        if (!isWhole)
        {
            return Encoding.UTF8.GetString(bytes[..room]);
        }

        _ = start.TryReadString(out var text);
        return text;
    }
}
