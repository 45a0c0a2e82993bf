using System.Globalization;
using System.Text.Json;

namespace Ducts.MessagePack.Tests;

/// <summary>The vectors in <c>spec/vectors/messagepack.json</c>, which the TypeScript tests read too.</summary>
public static class Vectors
{
    private static readonly JsonDocument File = JsonDocument.Parse(
        System.IO.File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors", "messagepack.json")));

    public static TheoryData<string> ValidNames => new(File.RootElement.GetProperty("valid").EnumerateArray().Select(v => v.GetProperty("name").GetString()!));

    public static TheoryData<string> InvalidNames => new(File.RootElement.GetProperty("invalid").EnumerateArray().Select(v => v.GetProperty("name").GetString()!));

    public static JsonElement Valid(string name) => Find("valid", name);

    public static JsonElement Invalid(string name) => Find("invalid", name);

    public static byte[] Bytes(JsonElement vector)
    {
        var bytes = new List<byte>();
        foreach (var part in vector.GetProperty("hex").GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var star = part.IndexOf('*');
            var times = star < 0 ? 1 : int.Parse(part.AsSpan(star + 1), CultureInfo.InvariantCulture);
            var unit = Convert.FromHexString(star < 0 ? part : part[..star]);
            for (var i = 0; i < times; i++)
                bytes.AddRange(unit);
        }

        return [.. bytes];
    }

    /// <summary>The meaning as one line of text, to compare values by.</summary>
    public static string Describe(JsonElement value)
    {
        var times = value.TryGetProperty("times", out var t) ? t.GetInt32() : 1;
        var what = value.EnumerateObject().First();
        return what.Name switch
        {
            "nil" => "nil",
            "bool" => what.Value.GetBoolean() ? "true" : "false",
            "int" => $"int {what.Value.GetString()}",
            "float" => $"float {ParseFloat(what.Value.GetString()!).ToString("R", CultureInfo.InvariantCulture)}",
            "string" => $"string {string.Concat(Enumerable.Repeat(what.Value.GetString(), times))}",
            "bin" => $"bin {string.Concat(Enumerable.Repeat(what.Value.GetString(), times))}",
            "array" => $"[{string.Join(", ", Enumerable.Repeat(what.Value.EnumerateArray().Select(Describe), times).SelectMany(x => x))}]",
            "map" => $"{{{string.Join(", ", what.Value.EnumerateArray().Select(pair => $"{Describe(pair[0])}: {Describe(pair[1])}"))}}}",
            "ext" => $"ext {what.Value.GetInt32()} {value.GetProperty("data").GetString()}",
            "timestamp" => $"time {what.Value.GetDateTimeOffset().UtcTicks}",
            "nested" => new string('[', what.Value.GetInt32()) + new string(']', what.Value.GetInt32()),
            _ => throw new InvalidDataException(what.Name),
        };
    }

    /// <summary>What the reader makes of bytes, as the same line of text.</summary>
    public static string Describe(ref PackReader reader)
    {
        Assert.Equal(MessagePackStatus.Ok, reader.TryPeekKind(out var kind));
        switch (kind)
        {
            case MessagePackKind.Nil:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadNil());
                return "nil";
            case MessagePackKind.Boolean:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadBoolean(out var truth));
                return truth ? "true" : "false";
            case MessagePackKind.Integer when reader.TryReadInt64(out var signed) == MessagePackStatus.Ok:
                return string.Create(CultureInfo.InvariantCulture, $"int {signed}");
            case MessagePackKind.Integer:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadUInt64(out var unsigned));
                return string.Create(CultureInfo.InvariantCulture, $"int {unsigned}");
            case MessagePackKind.Float:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadDouble(out var number));
                return $"float {number.ToString("R", CultureInfo.InvariantCulture)}";
            case MessagePackKind.String:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadString(out var text));
                return $"string {text}";
            case MessagePackKind.Binary:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadBinary(out var bytes));
                return $"bin {Convert.ToHexStringLower(bytes)}";
            case MessagePackKind.Array:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadArrayHeader(out var elements));
                var items = new List<string>();
                for (var i = 0; i < elements; i++)
                    items.Add(Describe(ref reader));
                return $"[{string.Join(", ", items)}]";
            case MessagePackKind.Map:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadMapHeader(out var pairs));
                var entries = new List<string>();
                for (var i = 0; i < pairs; i++)
                    entries.Add($"{Describe(ref reader)}: {Describe(ref reader)}");
                return $"{{{string.Join(", ", entries)}}}";
            default:
                if (reader.TryReadTimestamp(out var time) == MessagePackStatus.Ok)
                    return string.Create(CultureInfo.InvariantCulture, $"time {time.UtcTicks}");
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadExtension(out var type, out var data));
                return string.Create(CultureInfo.InvariantCulture, $"ext {type} {Convert.ToHexStringLower(data)}");
        }
    }

    /// <summary>Writes the value of a canonical vector.</summary>
    public static void Write(ref PackWriter writer, JsonElement value)
    {
        var times = value.TryGetProperty("times", out var t) ? t.GetInt32() : 1;
        var what = value.EnumerateObject().First();
        switch (what.Name)
        {
            case "nil":
                writer.WriteNil();
                break;
            case "bool":
                writer.WriteBoolean(what.Value.GetBoolean());
                break;
            case "int" when long.TryParse(what.Value.GetString(), CultureInfo.InvariantCulture, out var signed):
                writer.WriteInt64(signed);
                break;
            case "int":
                writer.WriteUInt64(ulong.Parse(what.Value.GetString()!, CultureInfo.InvariantCulture));
                break;
            case "float":
                writer.WriteDouble(ParseFloat(what.Value.GetString()!));
                break;
            case "string":
                writer.WriteString(string.Concat(Enumerable.Repeat(what.Value.GetString(), times)));
                break;
            case "bin":
                writer.WriteBinary(Convert.FromHexString(string.Concat(Enumerable.Repeat(what.Value.GetString(), times))));
                break;
            case "array":
                writer.WriteArrayHeader(what.Value.GetArrayLength() * times);
                foreach (var item in Enumerable.Repeat(what.Value.EnumerateArray(), times).SelectMany(x => x))
                    Write(ref writer, item);
                break;
            case "map":
                writer.WriteMapHeader(what.Value.GetArrayLength());
                foreach (var pair in what.Value.EnumerateArray())
                {
                    Write(ref writer, pair[0]);
                    Write(ref writer, pair[1]);
                }

                break;
            case "nested":
                for (var i = 1; i < what.Value.GetInt32(); i++)
                    writer.WriteArrayHeader(1);
                writer.WriteArrayHeader(0);
                break;
            default:
                throw new InvalidDataException(what.Name);
        }
    }

    private static double ParseFloat(string text) => text switch
    {
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static JsonElement Find(string list, string name)
        => File.RootElement.GetProperty(list).EnumerateArray().Single(v => v.GetProperty("name").GetString() == name);
}
