using System.Text.Json;
using System.Text.Unicode;
using Ducts.MessagePack.Converters;

namespace Ducts.MessagePack;

/// <summary>
/// Converts between MessagePack and JSON without intermediate values. Bytes become base64 strings, NaN and the infinities null, timestamps
/// ISO 8601 strings; integers stay integers, all other numbers are float64. A key that is no string becomes its JSON text; one with
/// further arrays or maps as keys in it, the base64 of its bytes.
/// </summary>
public static class MessagePackJson
{
    // What Utf8JsonWriter allows when its options name no depth.
    private const int DefaultWriterDepth = 1000;

    /// <summary>Writes one packed value as JSON.</summary>
    /// <param name="messagePack">The bytes of one value; bytes that follow it are ignored.</param>
    /// <param name="json">The writer that receives the JSON.</param>
    /// <exception cref="ArgumentException">The bytes hold no value, or one nested deeper than the writer allows; part of it may be written.</exception>
    public static void Write(ReadOnlySpan<byte> messagePack, Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        var reader = new PackReader(messagePack);
        var depth = json.Options.MaxDepth == 0 ? DefaultWriterDepth : json.Options.MaxDepth;
        WriteValue(ref reader, json, depth);
    }

    /// <summary>Reads one JSON value and packs it.</summary>
    /// <param name="json">The reader, at the value's first token, or before it if nothing has been read yet; afterwards at the value's last token.</param>
    /// <param name="w">The writer that receives the packed value; nothing is written if the result is false.</param>
    /// <param name="maxDepth">The highest number of nested arrays and objects.</param>
    /// <param name="error">The reason if the result is false.</param>
    /// <returns>True if one complete value was read.</returns>
    public static bool TryRead(ref Utf8JsonReader json, ref PackWriter w, int maxDepth, out string? error)
        => JsonPacker.TryPack(ref json, ref w, maxDepth, out error);

    private static void WriteValue(ref PackReader reader, Utf8JsonWriter json, int depth)
    {
        Check(reader.TryPeekKind(out var kind));
        switch (kind)
        {
            case MessagePackKind.Nil:
                Check(reader.TryReadNil());
                json.WriteNullValue();
                break;
            case MessagePackKind.Boolean:
                Check(reader.TryReadBoolean(out var truth));
                json.WriteBooleanValue(truth);
                break;
            case MessagePackKind.Integer when reader.TryReadInt64(out var signed) == MessagePackStatus.Ok:
                json.WriteNumberValue(signed);
                break;
            case MessagePackKind.Integer:
                Check(reader.TryReadUInt64(out var unsigned));
                json.WriteNumberValue(unsigned);
                break;
            case MessagePackKind.Float:
                Check(reader.TryReadDouble(out var number));
                if (double.IsFinite(number))
                    json.WriteNumberValue(number);
                else
                    json.WriteNullValue();
                break;
            case MessagePackKind.String:
                Check(reader.TryReadStringBytes(out var text));
                if (Utf8.IsValid(text))
                    json.WriteStringValue(text);
                else
                    json.WriteStringValue(LenientUtf8.GetString(text));
                break;
            case MessagePackKind.Binary:
                Check(reader.TryReadBinary(out var bytes));
                json.WriteBase64StringValue(bytes);
                break;
            case MessagePackKind.Array:
                WriteArray(ref reader, json, depth);
                break;
            case MessagePackKind.Map:
                WriteMap(ref reader, json, depth);
                break;
            default:
                WriteExtension(ref reader, json);
                break;
        }
    }

    private static void WriteArray(ref PackReader reader, Utf8JsonWriter json, int depth)
    {
        Check(reader.TryReadArrayHeader(out var count));
        Check(depth > 0 ? MessagePackStatus.Ok : MessagePackStatus.TooDeep);
        json.WriteStartArray();
        for (var i = 0; i < count; i++)
            WriteValue(ref reader, json, depth - 1);
        json.WriteEndArray();
    }

    private static void WriteMap(ref PackReader reader, Utf8JsonWriter json, int depth)
    {
        Check(reader.TryReadMapHeader(out var count));
        Check(depth > 0 ? MessagePackStatus.Ok : MessagePackStatus.TooDeep);
        json.WriteStartObject();
        for (var i = 0; i < count; i++)
        {
            WriteName(ref reader, json, depth - 1);
            WriteValue(ref reader, json, depth - 1);
        }

        json.WriteEndObject();
    }

    private static void WriteName(ref PackReader reader, Utf8JsonWriter json, int depth)
    {
        if (reader.TryReadStringBytes(out var name) == MessagePackStatus.Ok)
        {
            if (Utf8.IsValid(name))
                json.WritePropertyName(name);
            else
                json.WritePropertyName(LenientUtf8.GetString(name));
        }
        else if (HasCompositeKeys(reader, depth))
        {
            // As text within text each level would be escaped once more, and twice as long.
            Check(reader.TryReadRaw(out var nested, depth));
            json.WritePropertyName(Convert.ToBase64String(nested));
        }
        else
        {
            Check(reader.TryReadRaw(out var key, depth));
            json.WritePropertyName(KeyText.Of(new MessagePackElement(key.ToArray())));
        }
    }

    /// <summary>Returns whether the next value has a map in it with an array or a map as a key.</summary>
    private static bool HasCompositeKeys(PackReader reader, int depth) => FindCompositeKey(ref reader, depth);

    private static bool FindCompositeKey(ref PackReader reader, int depth)
    {
        Check(reader.TryPeekKind(out var kind));
        var count = 0;
        switch (kind)
        {
            case MessagePackKind.Array:
                Check(reader.TryReadArrayHeader(out count));
                break;
            case MessagePackKind.Map:
                Check(reader.TryReadMapHeader(out count));
                break;
            default:
                Check(reader.TrySkip(depth));
                return false;
        }

        Check(depth > 0 ? MessagePackStatus.Ok : MessagePackStatus.TooDeep);
        for (var i = 0; i < count; i++)
        {
            if (kind == MessagePackKind.Map)
            {
                Check(reader.TryPeekKind(out var key));
                if (key is MessagePackKind.Array or MessagePackKind.Map)
                    return true;
                Check(reader.TrySkip(depth));
            }

            if (FindCompositeKey(ref reader, depth - 1))
                return true;
        }

        return false;
    }

    private static void WriteExtension(ref PackReader reader, Utf8JsonWriter json)
    {
        if (reader.TryReadTimestamp(out var time, out var rest) == MessagePackStatus.Ok)
        {
            Span<byte> iso = stackalloc byte[IsoText.MaxLength];
            json.WriteStringValue(iso[..IsoText.FormatTimestamp(time, rest, iso)]);
            return;
        }

        Check(reader.TryReadExtension(out _, out var bytes));
        json.WriteBase64StringValue(bytes);
    }

    private static void Check(MessagePackStatus status)
    {
        if (status != MessagePackStatus.Ok)
            throw new ArgumentException($"The bytes hold no value that can be written as JSON: {status}.");
    }
}
