using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ducts.MessagePack.Tests;

public sealed class ConversionTests
{
    private enum Color
    {
        Red,
        [System.Text.Json.Serialization.JsonStringEnumMemberName("deep-blue")]
        Blue = 5,
    }

    [Flags]
    private enum Rights
    {
        None = 0,
        Read = 1,
        Write = 2,
        All = 7,
    }

    /// <summary>C# values and the JSON text of what they are packed as; b"…" stands for bytes, f for floats.</summary>
    public static TheoryData<string, object?, string> Written => new()
    {
        { "null", null, "null" },
        { "sbyte", (sbyte)-5, "-5" },
        { "ushort", (ushort)65535, "65535" },
        { "ulong", ulong.MaxValue, "18446744073709551615" },
        { "nint", (nint)7, "7" },
        { "char", 'ß', "\"ß\"" },
        { "decimal", 1.50m, "\"1.50\"" },
        { "Guid", Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), "\"00112233-4455-6677-8899-aabbccddeeff\"" },
        { "DateTime UTC", new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc), "\"2024-01-02T03:04:05Z\"" },
        { "DateTime without kind", new DateTime(2024, 1, 2, 3, 4, 5, 120), "\"2024-01-02T03:04:05.12\"" },
        { "DateTimeOffset", new DateTimeOffset(2024, 1, 2, 3, 4, 5, 1, TimeSpan.FromHours(9)), "\"2024-01-02T03:04:05.001+09:00\"" },
        { "DateOnly", new DateOnly(2024, 1, 2), "\"2024-01-02\"" },
        { "TimeOnly", new TimeOnly(3, 4, 5), "\"03:04:05\"" },
        { "TimeSpan", new TimeSpan(1, 2, 3, 4, 5), "\"1.02:03:04.0050000\"" },
        { "Uri", new Uri("http://a/b?c"), "\"http://a/b?c\"" },
        { "Version", new Version(1, 2, 3), "\"1.2.3\"" },
        { "enum", Color.Red, "\"Red\"" },
        { "enum with a name of its own", Color.Blue, "\"deep-blue\"" },
        { "enum without a name", (Color)3, "3" },
        { "flags", Rights.Read | Rights.Write, "\"Read, Write\"" },
        { "flags with a name together", Rights.All, "\"All\"" },
        { "flags, none", Rights.None, "\"None\"" },
        { "bytes", new byte[] { 1, 2 }, "\"AQI=\"" },
        { "memory of bytes", new ReadOnlyMemory<byte>([1, 2]), "\"AQI=\"" },
        { "segment of bytes", new ArraySegment<byte>([0, 1, 2], 1, 2), "\"AQI=\"" },
        { "array", new[] { 1, 2 }, "[1,2]" },
        { "jagged array", new[] { new[] { 1 }, [] }, "[[1],[]]" },
        { "list", new List<string?> { "a", null }, "[\"a\",null]" },
        { "set", new HashSet<int> { 3 }, "[3]" },
        { "lazy sequence", Enumerable.Range(1, 3).Where(i => i != 2), "[1,3]" },
        { "queue of threads", new ConcurrentQueue<int>([1, 2]), "[1,2]" },
        { "immutable array", ImmutableArray.Create(1, 2), "[1,2]" },
        { "memory", new ReadOnlyMemory<int>([1, 2]), "[1,2]" },
        { "untyped list", new ArrayList { 1, "a" }, "[1,\"a\"]" },
        { "dictionary", new Dictionary<string, int> { ["a"] = 1 }, "{\"a\":1}" },
        { "dictionary by integers", new Dictionary<int, string> { [-1] = "x" }, "{\"-1\":\"x\"}" },
        { "dictionary by enum", new Dictionary<Color, int> { [Color.Blue] = 1 }, "{\"deep-blue\":1}" },
        { "dictionary by Guid", new Dictionary<Guid, int> { [Guid.Empty] = 1 }, "{\"00000000-0000-0000-0000-000000000000\":1}" },
        { "dictionary by boolean", new Dictionary<bool, int> { [true] = 1 }, "{\"true\":1}" },
        { "untyped dictionary", new Hashtable { ["a"] = 1 }, "{\"a\":1}" },
        { "sorted dictionary", new SortedDictionary<string, int> { ["b"] = 2, ["a"] = 1 }, "{\"a\":1,\"b\":2}" },
        { "tuple", (1, "a", true), "[1,\"a\",true]" },
        { "tuple of eight", (1, 2, 3, 4, 5, 6, 7, 8), "[1,2,3,4,5,6,7,[8]]" },
        { "anonymous type", new { FirstName = "Ada", Age = 36 }, "{\"firstName\":\"Ada\",\"age\":36}" },
        { "plain object", new object(), "{}" },
        { "BigInteger that fits", new BigInteger(ulong.MaxValue), "18446744073709551615" },
        { "BigInteger that does not", BigInteger.Pow(2, 64), "\"18446744073709551616\"" },
        { "BigInteger below", -BigInteger.Pow(2, 63) - 1, "\"-9223372036854775809\"" },
        { "Int128", (Int128)(-5), "-5" },
        { "Int128 too small", Int128.MinValue, "\"-170141183460469231731687303715884105728\"" },
        { "UInt128 too large", UInt128.MaxValue, "\"340282366920938463463374607431768211455\"" },
        { "JsonElement", JsonDocument.Parse("{\"a\":[1,2.5,null,\"\\u00e9\"]}").RootElement, "{\"a\":[1,2.5,null,\"é\"]}" },
        { "JsonElement of nothing", default(JsonElement), "null" },
        { "JsonDocument", JsonDocument.Parse("[true]"), "[true]" },
        { "JsonNode", new JsonObject { ["a"] = new JsonArray(1, "x", null) }, "{\"a\":[1,\"x\",null]}" },
        { "element", MessagePackElement.From(new[] { 1 }), "[1]" },
        { "element of nothing", default(MessagePackElement), "null" },
        { "elements in a list", new List<object?> { 1L, 2.5, "x", null, false }, "[1,2.5,\"x\",null,false]" },
    };

    [Theory]
    [MemberData(nameof(Written))]
    public void A_value_is_packed_as_its_form_on_the_wire(string name, object? value, string json)
    {
        Assert.NotEmpty(name);
        Assert.Equal(json, MessagePackElement.From(value).ToString());
    }

    [Fact]
    public void Floats_stay_floats_and_are_float64()
    {
        Assert.Equal([0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0], PackSerializer.Serialize(1.0));
        Assert.Equal([0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0], PackSerializer.Serialize(1.0f));
        Assert.Equal([0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0], PackSerializer.Serialize((Half)1));
        Assert.Equal(MessagePackKind.Float, MessagePackElement.From(JsonValue.Create(1.0)).Kind);
        Assert.Equal(MessagePackKind.Float, MessagePackElement.From(double.NaN).Kind);
    }

    [Fact]
    public void Bytes_are_bin()
    {
        Assert.Equal([0xc4, 1, 7], PackSerializer.Serialize(new byte[] { 7 }));
        Assert.Equal([0xc4, 1, 7], PackSerializer.Serialize<object>(new ReadOnlyMemory<byte>([7])));
        Assert.Equal([0xc4, 1, 7], PackSerializer.Serialize(new Memory<byte>([7])));
    }

    [Fact]
    public void Collections_of_all_kinds_are_read()
    {
        AssertReads<int[]>("[1,2]", [1, 2]);
        AssertReads<List<int>>("[1,2]", [1, 2]);
        AssertReads<IReadOnlyList<int>>("[1,2]", [1, 2]);
        AssertReads<IEnumerable<int>>("[1,2]", [1, 2]);
        AssertReads<ICollection<int>>("[1,2]", [1, 2]);
        AssertReads<HashSet<int>>("[1,2]", [1, 2]);
        AssertReads<ISet<int>>("[1,2]", [1, 2]);
        AssertReads<IReadOnlySet<int>>("[1,2]", [1, 2]);
        AssertReads<SortedSet<int>>("[2,1]", [1, 2]);
        AssertReads<LinkedList<int>>("[1,2]", [1, 2]);
        AssertReads<Queue<int>>("[1,2]", [1, 2]);
        AssertReads<ConcurrentQueue<int>>("[1,2]", [1, 2]);
        AssertReads<ObservableCollection<int>>("[1,2]", [1, 2]);
        AssertReads<ReadOnlyCollection<int>>("[1,2]", [1, 2]);
        AssertReads<ImmutableArray<int>>("[1,2]", [1, 2]);
        AssertReads<ImmutableList<int>>("[1,2]", [1, 2]);
        AssertReads<IImmutableList<int>>("[1,2]", [1, 2]);
        AssertReads<ImmutableHashSet<int>>("[1,2]", [1, 2]);
        AssertReads<ImmutableQueue<int>>("[1,2]", [1, 2]);
        AssertReads<FrozenSet<int>>("[1,2]", [1, 2]);
        AssertReads<ArraySegment<int>>("[1,2]", [1, 2]);
        Assert.Equal([1, 2], Read<ReadOnlyMemory<int>>("[1,2]").ToArray());
        Assert.Equal([1L, "a"], Read<IEnumerable>("[1,\"a\"]").Cast<object>());
        Assert.Equal([1L], Read<ArrayList>("[1]").Cast<object>());
        Assert.Equal(3000, Read<int[]>($"[{string.Join(',', Enumerable.Range(0, 3000))}]")[^1] + 1);
    }

    [Fact]
    public void Dictionaries_of_all_kinds_are_read()
    {
        Assert.Equal(1, Read<Dictionary<string, int>>("{\"a\":1}")["a"]);
        Assert.Equal(1, Read<IDictionary<string, int>>("{\"a\":1}")["a"]);
        Assert.Equal(1, Read<IReadOnlyDictionary<string, int>>("{\"a\":1}")["a"]);
        Assert.Equal(1, Read<SortedDictionary<string, int>>("{\"a\":1}")["a"]);
        Assert.Equal(1, Read<ConcurrentDictionary<string, int>>("{\"a\":1}")["a"]);
        Assert.Equal(1, Read<ImmutableDictionary<string, int>>("{\"a\":1}")["a"]);
        Assert.Equal(1, Read<ImmutableSortedDictionary<string, int>>("{\"a\":1}")["a"]);
        Assert.Equal(1, Read<FrozenDictionary<string, int>>("{\"a\":1}")["a"]);
        Assert.Equal(1, Read<ReadOnlyDictionary<string, int>>("{\"a\":1}")["a"]);
        Assert.Equal(1L, Read<Hashtable>("{\"a\":1}")["a"]);
        Assert.Equal(1L, Read<IDictionary>("{\"a\":1}")["a"]);
        Assert.Equal("x", Read<Dictionary<int, string>>("{\"-1\":\"x\"}")[-1]);
        Assert.Equal(1, Read<Dictionary<Color, int>>("{\"DEEP-BLUE\":1}")[Color.Blue]);
        Assert.Equal(1, Read<Dictionary<Guid, int>>("{\"00000000-0000-0000-0000-000000000000\":1}")[Guid.Empty]);
        Assert.Equal(1, Read<Dictionary<bool, int>>("{\"true\":1}")[true]);
        Assert.Equal(1, Read<Dictionary<DateOnly, int>>("{\"2024-01-02\":1}")[new DateOnly(2024, 1, 2)]);

        byte[] integerKey = [0x81, 0x07, 0xa1, (byte)'x'];
        Assert.True(PackSerializer.TryDeserialize<Dictionary<int, string>>(integerKey, out var byInt, out _));
        Assert.Equal("x", byInt[7]);
        Assert.True(PackSerializer.TryDeserialize<Dictionary<string, string>>(integerKey, out var byText, out _));
        Assert.Equal("x", byText["7"]);
    }

    [Fact]
    public void Scalars_are_read_from_each_of_their_forms()
    {
        Assert.Equal(5, Read<int>("5"));
        Assert.Equal(5, Read<int>("5.0"));
        Assert.Equal(5, Read<int>("\"5\""));
        Assert.Equal(5.0, Read<double>("5"));
        Assert.Equal(5.5, Read<double>("\"5.5\""));
        Assert.Equal(1L << 60, Read<long>("1.152921504606846976e18"));
        Assert.Equal(0.1m, Read<decimal>("0.1"));
        Assert.Equal(7m, Read<decimal>("7"));
        Assert.Equal(7.25m, Read<decimal>("\"7.25\""));
        Assert.Equal(Color.Blue, Read<Color>("\"Deep-Blue\""));
        Assert.Equal(Color.Red, Read<Color>("\"RED\""));
        Assert.Equal(Color.Blue, Read<Color>("5"));
        Assert.Equal(Rights.Read | Rights.Write, Read<Rights>("\"write, READ\""));
        Assert.Equal(new BigInteger(12), Read<BigInteger>("12"));
        Assert.Equal(BigInteger.Pow(2, 100), Read<BigInteger>($"\"{BigInteger.Pow(2, 100)}\""));
        Assert.Equal([1, 2], Read<byte[]>("\"AQI=\""));
        Assert.Equal('x', Read<char>("\"x\""));
        Assert.Equal(new DateTime(2024, 1, 2, 0, 0, 0), Read<DateTime>("\"2024-01-02\""));
        Assert.Equal(new DateTimeOffset(2024, 1, 2, 3, 4, 5, 123, TimeSpan.Zero), Read<DateTimeOffset>("\"2024-01-02T03:04:05.123Z\""));
        Assert.Equal(new TimeOnly(3, 4), Read<TimeOnly>("\"03:04\""));
        Assert.Null(Read<int?>("null"));
        Assert.Equal(4, Read<int?>("4"));
        Assert.Null(MessagePackElement.From<object?>(null).Deserialize<string>());
        Assert.Equal((1, "a"), Read<(int, string)>("[1,\"a\"]"));
        Assert.Equal("{\"a\":[1]}", Read<JsonElement>("{\"a\":[1]}").GetRawText());
        Assert.Equal("{\"a\":[1]}", Read<JsonNode>("{\"a\":[1]}").ToJsonString());
        Assert.Equal("[1]", Read<JsonArray>("[1]").ToJsonString());
        Assert.Equal("[1]", Read<JsonDocument>("[1]").RootElement.GetRawText());
    }

    [Fact]
    public void A_timestamp_extension_is_read_as_a_date()
    {
        byte[] second = [0xd6, 0xff, 0, 0, 0, 1];
        Assert.True(PackSerializer.TryDeserialize<DateTime>(second, out var time, out _));
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(1), time);
        Assert.Equal(DateTimeKind.Utc, time.Kind);
        Assert.True(PackSerializer.TryDeserialize<DateTimeOffset?>(second, out var offset, out _));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1), offset);
    }

    [Theory]
    [InlineData(typeof(int), "\"abc\"", "expected an integer, found a string")]
    [InlineData(typeof(int), "1.5", "expected an integer, found a float")]
    [InlineData(typeof(int), "null", "expected an integer, found null")]
    [InlineData(typeof(byte), "256", "expected an integer from 0 to 255, found 256")]
    [InlineData(typeof(byte), "-1", "expected an integer from 0 to 255, found -1")]
    [InlineData(typeof(int), "2147483648", "expected an integer from -2147483648 to 2147483647, found 2147483648")]
    [InlineData(typeof(long), "18446744073709551615", "expected an integer from -9223372036854775808 to 9223372036854775807, found 18446744073709551615")]
    [InlineData(typeof(long), "9.223372036854775808e18", "expected an integer from -9223372036854775808 to 9223372036854775807, found 9.223372036854776E+18")]
    [InlineData(typeof(bool), "1", "expected a boolean, found an integer")]
    [InlineData(typeof(string), "[1]", "expected a string, found an array")]
    [InlineData(typeof(double), "{}", "expected a number, found a map")]
    [InlineData(typeof(float), "1e300", "expected a number within the range of Single, found 1E+300")]
    [InlineData(typeof(Guid), "\"x\"", "expected a GUID, found other text")]
    [InlineData(typeof(DateTime), "\"yesterday\"", "expected a date and time in ISO 8601, found other text")]
    [InlineData(typeof(DayOfWeek), "\"someday\"", "expected a name of DayOfWeek, found 'someday'")]
    [InlineData(typeof(byte[]), "\"no base64!\"", "expected bytes, or a string in base64, found other text")]
    [InlineData(typeof(int[]), "[1,\"a\"]", "[1]: expected an integer, found a string")]
    [InlineData(typeof(List<int[]>), "[[1],[2,null]]", "[1][1]: expected an integer, found null")]
    [InlineData(typeof(Dictionary<string, int>), "{\"a\":\"b\"}", "a: expected an integer, found a string")]
    [InlineData(typeof(Dictionary<int, int>), "{\"a\":1}", "expected a number as a key, found a string")]
    [InlineData(typeof((int, int)), "[1]", "expected an array of 2, found an array")]
    [InlineData(typeof(Stream), "{}", "expected a type that can be made, which Stream cannot: it has no constructor whose parameters are members, found a map")]
    public void What_does_not_fit_is_told_with_its_path(Type type, string json, string message)
    {
        var reader = new PackReader(Pack(json));
        Assert.False(PackSerializerOptions.Default.GetConverter(type).TryReadObject(ref reader, out var value, out var error));
        Assert.Null(value);
        Assert.Equal(message, error.ToString());
    }

    [Fact]
    public void An_object_is_read_as_plain_values()
    {
        var value = Read<object>("{\"a\":[1,18446744073709551615,2.5,\"x\",null,true]}");

        var map = Assert.IsType<Dictionary<string, object?>>(value);
        Assert.Equal([1L, ulong.MaxValue, 2.5, "x", null, true], Assert.IsType<List<object?>>(map["a"]));
    }

    [Fact]
    public void What_has_no_form_cannot_be_packed()
    {
        Assert.Throws<MessagePackWriteException>(() => PackSerializer.Serialize<object>(() => 1));
        Assert.Throws<MessagePackWriteException>(() => PackSerializer.Serialize<object>(typeof(int)));
        Assert.Throws<MessagePackWriteException>(() => PackSerializer.Serialize<object>(Task.FromResult(1)));
        Assert.Throws<MessagePackWriteException>(() => PackSerializer.Serialize(new int[1, 1]));
        Assert.Throws<MessagePackWriteException>(() => PackSerializer.Serialize(new Dictionary<object, int> { [new object()] = 1 }));
        Assert.Throws<ArgumentException>(() => PackSerializerOptions.Default.GetConverter(typeof(Span<int>)));
        Assert.Throws<ArgumentException>(() => PackSerializerOptions.Default.GetConverter(typeof(List<>)));
    }

    [Fact]
    public void What_contains_itself_cannot_be_packed()
    {
        var list = new List<object>();
        list.Add(list);
        var map = new Dictionary<string, object>();
        map["self"] = map;

        Assert.Throws<MessagePackWriteException>(() => PackSerializer.Serialize(list));
        Assert.Throws<MessagePackWriteException>(() => PackSerializer.Serialize<object>(map));
    }

    [Fact]
    public void An_element_is_packed_as_every_client_can_read_it()
    {
        // [undefined, NaN, float32 1.5, timestamp 1, overlong U+0561, 7]
        byte[] packed = [0x96, 0xd4, 0, 0, 0xd4, 0, 1, 0xca, 0x3f, 0xc0, 0, 0, 0xd6, 0xff, 0, 0, 0, 1, 0xa3, 0xe0, 0x95, 0xa1, 0x07];
        var element = MessagePackElement.Parse(packed);
        var written = MessagePackElement.Parse(PackSerializer.Serialize(element));

        Assert.Equal(
            [0x96, 0xc0, 0xcb, 0xff, 0xf8, 0, 0, 0, 0, 0, 0, 0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xb4, .. "1970-01-01T00:00:01Z"u8, 0xa2, .. "\u0561"u8, 0x07],
            written.RawBytes.ToArray());
        Assert.Throws<MessagePackWriteException>(() => PackSerializer.Serialize(MessagePackElement.Parse(new byte[] { 0x91, 0xd4, 5, 1 })));
    }

    private static void AssertReads<T>(string json, int[] expected)
        where T : IEnumerable<int>
        => Assert.Equal(expected, Read<T>(json).Order());

    private static T Read<T>(string json)
    {
        Assert.True(PackSerializer.TryDeserialize<T>(Pack(json), out var value, out var error), error?.ToString());
        return value;
    }

    private static byte[] Pack(string json) => PackSerializer.Serialize(JsonDocument.Parse(json).RootElement);
}
