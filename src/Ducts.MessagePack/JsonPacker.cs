using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Ducts.MessagePack;

/// <summary>
/// Packs JSON in two passes: the first counts the elements of every array and object, since their headers come first and in
/// the smallest form, and finds whatever is wrong before anything is written; the second writes.
/// </summary>
internal static class JsonPacker
{
    public static bool TryPack(ref Utf8JsonReader json, ref PackWriter writer, int maxDepth, out string? error)
    {
        var counts = new List<int>();
        try
        {
            if (json.TokenType is JsonTokenType.None or JsonTokenType.PropertyName && !json.Read())
            {
                error = "the JSON text ends where a value should be";
                return false;
            }

            var first = json;
            if (!TryCount(ref first, counts, maxDepth, out error))
                return false;
            Pack(ref json, ref writer, counts);
            return true;
        }
        catch (JsonException exception)
        {
            // The only way in which the reader tells that text is no JSON.
            error = exception.Message;
            return false;
        }
    }

    private static bool TryCount(ref Utf8JsonReader json, List<int> counts, int maxDepth, out string? error)
    {
        var open = new Stack<int>();
        do
        {
            switch (json.TokenType)
            {
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    CountInto(counts, open);
                    open.Push(counts.Count);
                    counts.Add(0);
                    if (open.Count > maxDepth)
                    {
                        error = $"the JSON value is nested deeper than {maxDepth} levels";
                        return false;
                    }

                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    open.Pop();
                    break;
                case JsonTokenType.PropertyName or JsonTokenType.String:
                    CountInto(counts, open);
                    if (!IsText(json))
                    {
                        error = "a JSON string is not valid Unicode";
                        return false;
                    }

                    break;
                default:
                    CountInto(counts, open);
                    break;
            }

            if (open.Count == 0)
            {
                error = null;
                return true;
            }
        }
        while (json.Read());
        error = "the JSON text ends in the middle of a value";
        return false;
    }

    /// <summary>Counts a value or a name for the container it is in; objects count both.</summary>
    private static void CountInto(List<int> counts, Stack<int> open)
    {
        if (open.TryPeek(out var container))
            counts[container]++;
    }

    // Escapes are ASCII, so what is wrong in the bytes is wrong outside of them.
    private static bool IsText(in Utf8JsonReader json)
        => json.HasValueSequence ? Utf8.IsValid(json.ValueSequence.ToArray()) : Utf8.IsValid(json.ValueSpan);

    private static void Pack(ref Utf8JsonReader json, ref PackWriter writer, List<int> counts)
    {
        var next = 0;
        var depth = 0;
        do
        {
            switch (json.TokenType)
            {
                case JsonTokenType.StartArray:
                    writer.WriteArrayHeader(counts[next++]);
                    depth++;
                    break;
                case JsonTokenType.StartObject:
                    writer.WriteMapHeader(counts[next++] / 2);
                    depth++;
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    depth--;
                    break;
                case JsonTokenType.PropertyName or JsonTokenType.String:
                    PackText(json, ref writer);
                    break;
                case JsonTokenType.Number:
                    PackNumber(json, ref writer);
                    break;
                case JsonTokenType.True or JsonTokenType.False:
                    writer.WriteBoolean(json.TokenType == JsonTokenType.True);
                    break;
                case JsonTokenType.Null:
                    writer.WriteNil();
                    break;
            }
        }
        while (depth > 0 && json.Read());
    }

    private static void PackText(in Utf8JsonReader json, ref PackWriter writer)
    {
        if (!json.ValueIsEscaped && !json.HasValueSequence)
        {
            writer.WriteStringUtf8(json.ValueSpan);
            return;
        }

        var length = json.HasValueSequence ? (int)json.ValueSequence.Length : json.ValueSpan.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        var text = rented.AsSpan(0, length);
        if (json.HasValueSequence)
            json.ValueSequence.CopyTo(text);
        else
            json.ValueSpan.CopyTo(text);
        writer.WriteStringUtf8(json.ValueIsEscaped ? text[..JsonEscapes.Resolve(text, text)] : text);
        ArrayPool<byte>.Shared.Return(rented);
    }

    private static void PackNumber(in Utf8JsonReader json, ref PackWriter writer)
    {
        if (json.TryGetInt64(out var signed))
            writer.WriteInt64(signed);
        else if (json.TryGetUInt64(out var unsigned))
            writer.WriteUInt64(unsigned);
        else
            writer.WriteDouble(json.GetDouble());
    }
}
