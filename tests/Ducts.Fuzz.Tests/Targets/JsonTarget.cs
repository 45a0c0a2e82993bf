using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Fuzz.Targets;

/// <summary>Requests in JSON text, with System.Text.Json's documents beside them.</summary>
/// <remarks>The first byte chooses whether the text follows as it is or as decisions of which it is made.</remarks>
internal sealed class JsonTarget : IFuzzTarget
{
    private const int MaxDepth = 64;

    private static readonly string[] Names = ["request_id", "event_id", "data", "a", "", "__proto__", "\\u0064ata", "\\ud83d\\ude00", "\\ud83d", "é"];

    private static readonly string[] Scalars =
    [
        "null", "true", "false", "0", "-0", "-1", "127", "128", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615",
        "18446744073709551616", "1.0", "1e2", "1E400", "-1e-400", "0.1", "123456789012345678901234567890", "\"\"", "\"a\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"", "\"\\ude00x\"", "\"\\/\\b\\f\\n\\r\\t\\\"\\\\\"", "\"日本\"", "\"<script>\"", "01", "NaN", "\"\\x\"", "'a'", "+1", "1.", "\u00a0",
    ];

    public string Name => "json";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. VectorTexts().Select(static text => (byte[])[0, .. Encoding.UTF8.GetBytes(text)]),
        .. ((string[])
        [
            """{"request_id":1,"event_id":1000,"data":{"a":[1,2.5,"x",null,true],"b":{"c":"d"}}}""",
            """{ "data" : [ ] , "event_id" : "1000" , "request_id" : { } }""",
            """{"request_id":"\ud83e\udd86","event_id":1000,"data":"\ud83d"}""",
            """{"request_id":1,"event_id":1,"event_id":2,"data":1,"data":2}""",
            """{"request_id":1,"event_id":1e3,"data":18446744073709551616}""",
            """[1,1000,null]""",
        ]).Select(static text => (byte[])[0, .. Encoding.UTF8.GetBytes(text)]),
        .. Enumerable.Range(0, 24).Select(static kind => (byte[])[1, 3, 0, (byte)kind, 1, (byte)(kind + 3), 2, 9, (byte)kind, 4, 5, 6, 7, 8, 9, 10]),
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var feed = new ByteFeed(input);
        var json = feed.Boolean() ? Encoding.UTF8.GetBytes(Build(ref feed)) : feed.Rest().ToArray();
        if (!System.Text.Unicode.Utf8.IsValid(json))
        {
            // No connection lets such a text pass; it is refused here, too, which the documents do not do.
            RequestForms.ReadText(json, MaxDepth, new ArrayBufferWriter<byte>());
            return;
        }

        ReadRequest(json);
        ReadValue(json);
    }

    private static void ReadRequest(byte[] json)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = new ArrayBufferWriter<byte>();
        var problem = RequestForms.ReadText(json, MaxDepth, message);
        Claim.Proportionate(before, json.Length, factor: 64);
        Claim.True(problem is null || problem.Length > 0);
        // Where something is wrong, the message has what was read before it.
        var packed = message.WrittenSpan.ToArray();
        var limits = MessagePackLimits.Default with { MaxDepth = MaxDepth + 1 };
        var wrong = RequestForms.ReadHead(packed, limits);
        if (problem is null)
        {
            Claim.True(MessagePackValidator.Validate(packed, limits, out var consumed) == MessagePackStatus.Ok && consumed == packed.Length);
            Claim.True(wrong is null or "the event id is no integer" or "the event id is negative");
        }

        using var document = Parse(json);
        if (document is { RootElement.ValueKind: JsonValueKind.Object } && Last(document, "request_id") is { } id && Last(document, "event_id") is { } @event)
        {
            Claim.True(problem is null);
            // The documents do not read half characters.
            if (HasHalfCharacter(json))
            {
                return;
            }

            var reader = new PackReader(packed);
            Claim.True(reader.TryReadArrayHeader(out var count) == MessagePackStatus.Ok && count == 3);
            Compare(id, ref reader);
            Compare(@event, ref reader);
            if (Last(document, "data") is { } data)
            {
                Compare(data, ref reader);
            }
            else
            {
                Claim.Equal(MessagePackStatus.Ok, reader.TryReadNil());
            }

            Claim.True(reader.IsEnd);
            // Answers have integers there; those of streams hold a message, which is written as one.
            if (@event.ValueKind == JsonValueKind.Number && @event.TryGetInt32(out var eventId) && eventId is not (>= 1 and <= 3))
            {
                WriteBack(packed);
            }
        }
        else
        {
            Claim.True(problem is not null);
        }
    }

    // A value that was read is written as JSON that means the same.
    private static void WriteBack(byte[] packed)
    {
        var text = new ArrayBufferWriter<byte>();
        JsonForm.WriteText(packed, text);
        using var document = JsonDocument.Parse(text.WrittenMemory, new JsonDocumentOptions { MaxDepth = MaxDepth + 2 });
        var values = document.RootElement.ValueKind == JsonValueKind.Array
            ? document.RootElement.EnumerateArray().ToArray()
            : [.. document.RootElement.EnumerateObject().Select(static property => property.Value)];
        Claim.Equal(3, values.Length);
        var reader = new PackReader(packed);
        reader.TryReadArrayHeader(out _);
        foreach (var value in values)
        {
            Compare(value, ref reader, isWritten: true);
        }
    }

    private static void ReadValue(byte[] json)
    {
        var whole = Pack(new Utf8JsonReader(json));
        var pieces = Pack(new Utf8JsonReader(Cut(json)));
        Claim.Equal(whole is null, pieces is null);
        Claim.Equal(whole is null ? "" : Convert.ToHexStringLower(whole), pieces is null ? "" : Convert.ToHexStringLower(pieces));
        if (whole is null)
        {
            return;
        }

        var reader = new PackReader(whole);
        using var document = Parse(json);
        if (document is not null)
        {
            Compare(document.RootElement, ref reader);
        }
    }

    private static byte[]? Pack(Utf8JsonReader json)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(output);
        if (!MessagePackJson.TryRead(ref json, ref writer, MaxDepth, out var error))
        {
            writer.Flush();
            Claim.True(error!.Length > 0);
            Claim.Equal(0, output.WrittenCount);
            return null;
        }

        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void Compare(JsonElement expected, ref PackReader reader, bool isWritten = false)
    {
        if (isWritten && reader.TryPeekKind(out var kind) == MessagePackStatus.Ok && kind == MessagePackKind.Float)
        {
            reader.TryReadDouble(out var written);
            // A float that is whole is written as such, and one that JSON cannot say as null.
            Claim.Equal(double.IsFinite(written) ? written : null, expected.ValueKind == JsonValueKind.Null ? (double?)null : expected.GetDouble());
            return;
        }

        switch (expected.ValueKind)
        {
            case JsonValueKind.Null:
                Claim.Equal(MessagePackStatus.Ok, reader.TryReadNil());
                break;
            case JsonValueKind.True or JsonValueKind.False:
                Claim.True(reader.TryReadBoolean(out var truth) == MessagePackStatus.Ok && truth == expected.GetBoolean());
                break;
            case JsonValueKind.Number when expected.TryGetInt64(out var number):
                Claim.True(reader.TryReadInt64(out var signed) == MessagePackStatus.Ok && signed == number);
                break;
            case JsonValueKind.Number when expected.TryGetUInt64(out var number):
                Claim.True(reader.TryReadUInt64(out var unsigned) == MessagePackStatus.Ok && unsigned == number);
                break;
            case JsonValueKind.Number:
                Claim.True(reader.TryReadDouble(out var real) == MessagePackStatus.Ok);
                Claim.Equal(expected.GetDouble(), real);
                break;
            case JsonValueKind.String:
                Claim.Equal(MessagePackStatus.Ok, reader.TryReadString(out var text));
                Claim.Equal(TextOf(expected.GetRawText()), text);
                break;
            case JsonValueKind.Array:
                Claim.True(reader.TryReadArrayHeader(out var items) == MessagePackStatus.Ok && items == expected.GetArrayLength());
                foreach (var item in expected.EnumerateArray())
                {
                    Compare(item, ref reader, isWritten);
                }

                break;
            default:
                Claim.True(reader.TryReadMapHeader(out var pairs) == MessagePackStatus.Ok && pairs == expected.EnumerateObject().Count());
                foreach (var property in expected.EnumerateObject())
                {
                    Claim.Equal(MessagePackStatus.Ok, reader.TryReadString(out var name));
                    Claim.Equal(NameOf(property), name);
                    Compare(property.Value, ref reader, isWritten);
                }

                break;
        }
    }

    private static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            // Half a character; the whole of the property is "name": value.
            var text = property.ToString();
            return TextOf(text[..EndOfString(text)]);
        }
    }

    private static int EndOfString(string json)
    {
        var end = 1;
        while (json[end] != '"')
        {
            end += json[end] == '\\' ? 2 : 1;
        }

        return end + 1;
    }

    // Halves of characters, which System.Text.Json does not read, are replaced.
    private static string TextOf(string raw)
    {
        var text = new StringBuilder();
        for (var i = 1; i < raw.Length - 1; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }

            i++;
            if (raw[i] == 'u')
            {
                text.Append((char)ushort.Parse(raw.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
            }
            else
            {
                text.Append(raw[i] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var other => other });
            }
        }

        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static bool HasHalfCharacter(byte[] json) => Encoding.UTF8.GetString(json).Contains("\\ud", StringComparison.OrdinalIgnoreCase);

    private static JsonElement? Last(JsonDocument document, string name)
    {
        JsonElement? last = null;
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (property.NameEquals(name))
            {
                last = property.Value;
            }
        }

        return last;
    }

    private static JsonDocument? Parse(byte[] json)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Build(ref ByteFeed feed)
    {
        var text = new StringBuilder("{");
        for (var i = feed.Below(6); i > 0; i--)
        {
            text.Append('"').Append(Names[feed.Below(Names.Length)]).Append("\":");
            Build(ref feed, text, depth: 0);
            text.Append(i > 1 ? "," : "");
        }

        return text.Append('}').ToString();
    }

    private static void Build(ref ByteFeed feed, StringBuilder text, int depth)
    {
        var kind = feed.Below(8);
        if (kind < 5 || depth > 70 || text.Length > 50_000)
        {
            text.Append(Scalars[feed.Below(Scalars.Length)]);
            return;
        }

        if (kind == 5)
        {
            // Deep, by one decision.
            var levels = feed.Below(80);
            text.Append('[', levels).Append(']', levels);
            text.Append(levels == 0 ? "0" : "");
            return;
        }

        text.Append(kind == 6 ? '[' : '{');
        for (var i = feed.Below(5); i > 0; i--)
        {
            if (kind == 7)
            {
                text.Append('"').Append(Names[feed.Below(Names.Length)]).Append("\": ");
            }

            Build(ref feed, text, depth + 1);
            text.Append(i > 1 ? "," : "");
        }

        text.Append(kind == 6 ? ']' : '}');
    }

    private static IEnumerable<string> VectorTexts()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors", "protocol.json")));
        return
        [
            .. vectors.RootElement.GetProperty("exchanges").EnumerateArray()
                .Select(static exchange => exchange.GetProperty("request"))
                .Where(static request => request.TryGetProperty("text", out _))
                .Select(static request => request.GetProperty("text").GetString()!),
        ];
    }

    private static ReadOnlySequence<byte> Cut(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return ReadOnlySequence<byte>.Empty;
        }

        Piece? first = null;
        Piece? last = null;
        foreach (var value in bytes)
        {
            last = new Piece(new[] { value }, last);
            first ??= last;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, 1);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
