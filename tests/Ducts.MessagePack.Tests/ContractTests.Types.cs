using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Ducts.MessagePack.Tests;

public sealed partial class ContractTests
{
    private sealed record Person(string Name, int Age, Address? Address);

    private sealed record Address(string Street, IReadOnlyList<string> Lines);

    private sealed record FullName(string FirstName, string? LastName);

    private sealed record Defaults(int Count = 7, string Text = "x", DayOfWeek Day = DayOfWeek.Friday, double? Score = null);

    private sealed record Outer(Strict Inner);

    private readonly record struct RecordPoint(int X, int Y);

    private sealed record Nullable(RecordPoint? Point);

    private struct MutablePoint
    {
        public int X { get; set; }

        public int Y { get; set; }
    }

    private sealed class Lookalikes
    {
        [JsonPropertyName("value")]
        public string? Lower { get; set; }

        [JsonPropertyName("VALUE")]
        public string? Upper { get; set; }
    }

    private sealed class Decorated
    {
        [JsonPropertyName("other-name")]
        public int Renamed { get; set; }

        [JsonIgnore]
        public int Hidden { get; set; }

        public int Second { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? MaybeNull { get; set; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public int MaybeZero { get; set; }

        [JsonInclude]
        public int Field;

        [JsonPropertyOrder(-1)]
        public int First => 9;
    }

    private sealed class Strict
    {
        public required int Id { get; init; }

        public string? Name { get; init; }
    }

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed class NothingElse
    {
        public int A { get; set; }
    }

    private sealed class Roomy
    {
        public int A { get; set; }

        [JsonExtensionData]
        public Dictionary<string, object?>? More { get; set; }
    }

    private sealed record RoomyRecord(int A)
    {
        [JsonExtensionData]
        public IDictionary<string, JsonElement>? More { get; set; }
    }

    private sealed class RoomyNode
    {
        [JsonExtensionData]
        public JsonObject? More { get; set; }
    }

    [JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
    [JsonDerivedType(typeof(Circle), "circle")]
    [JsonDerivedType(typeof(Square), 2)]
    private abstract class Shape;

    private sealed class Circle : Shape
    {
        public double Radius { get; set; }
    }

    private sealed class Square : Shape
    {
        public int Side { get; set; }
    }

    private sealed class Triangle : Shape;

    [JsonConverter(typeof(PointConverter))]
    private sealed record Point(int X, int Y);

    private sealed class PointConverter : JsonConverter<Point>
    {
        public override Point Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => reader.GetString()!.Split('|') is [var x, var y] ? new Point(int.Parse(x), int.Parse(y)) : throw new JsonException("no point");

        public override void Write(Utf8JsonWriter writer, Point value, JsonSerializerOptions options) => writer.WriteStringValue($"{value.X}|{value.Y}");
    }

    private sealed class ReverseConverter : JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => new([.. reader.GetString()!.Reverse()]);

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(new string([.. value.Reverse()]));
    }

    private sealed class UsesConverters
    {
        public Point? At { get; set; }

        [JsonConverter(typeof(ReverseConverter))]
        public string? Secret { get; set; }

        [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
        public int Count { get; set; }
    }

    private sealed class Tree
    {
        public int Value { get; set; }

        public List<Tree>? Children { get; set; }
    }

    private sealed class Observed : IJsonOnSerializing, IJsonOnSerialized, IJsonOnDeserializing, IJsonOnDeserialized
    {
        public int A { get; set; }

        [JsonIgnore]
        public List<string> Seen { get; } = [];

        public void OnSerializing() => Seen.Add("serializing");

        public void OnSerialized() => Seen.Add("serialized");

        public void OnDeserializing() => Seen.Add("deserializing");

        public void OnDeserialized() => Seen.Add($"deserialized {A}");
    }

    private sealed class Checked
    {
        public Checked(int n)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(n);
            N = n;
        }

        public int N { get; }
    }
}
