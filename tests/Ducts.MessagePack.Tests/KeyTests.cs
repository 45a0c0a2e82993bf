using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Ducts.MessagePack.Tests;

public sealed class KeyTests
{
    // {"Hello": 1, "hello": 2}
    private static readonly byte[] TwoCases = [0x82, 0xa5, .. "Hello"u8, 1, 0xa5, .. "hello"u8, 2];

    // {1: "a", "1": "b"}
    private static readonly byte[] NumberAndText = [0x82, 1, 0xa1, (byte)'a', 0xa1, (byte)'1', 0xa1, (byte)'b'];

    // {bin "hi": 1}
    private static readonly byte[] BytesKey = [0x81, 0xc4, 2, .. "hi"u8, 1];

    [Fact]
    public void Keys_that_differ_in_case_are_two()
    {
        var node = Read<JsonNode>(TwoCases).AsObject();
        Assert.Equal((1, 2), (node["Hello"]!.GetValue<int>(), node["hello"]!.GetValue<int>()));
        Assert.Equal("{\"Hello\":1,\"hello\":2}", Read<JsonObject>(TwoCases).ToJsonString());
        Assert.Equal("{\"Hello\":1,\"hello\":2}", Read<JsonElement>(TwoCases).GetRawText());
        Assert.Equal([("Hello", 1L), ("hello", 2L)], ((Dictionary<string, object?>)Read<object>(TwoCases)).Select(static pair => (pair.Key, (long)pair.Value!)));
        Assert.Equal(["Hello", "hello"], Read<Dictionary<string, int>>(TwoCases).Keys);
        Assert.Equal(2, MessagePackElement.Parse(TwoCases).GetProperty("hello").GetInt32());
        Assert.Equal(["Hello", "hello"], Read<WithExtension>(TwoCases).More!.Keys);
        Assert.Equal("{\"Hello\":1,\"hello\":2}", Read<WithJsonExtension>(TwoCases).More!.ToJsonString());
    }

    [Fact]
    public void Keys_that_cannot_be_told_apart_are_an_error_and_no_loss()
    {
        const string Error = "expected each key once, found '1' twice";

        Assert.Equal(Error, Fails<object>(NumberAndText));
        Assert.Equal(Error, Fails<JsonNode>(NumberAndText));
        Assert.Equal(Error, Fails<JsonObject>(NumberAndText));
        Assert.Equal(Error, Fails<JsonElement>(NumberAndText));
        Assert.Equal(Error, Fails<JsonDocument>(NumberAndText));
        Assert.Equal(Error, Fails<Dictionary<string, string>>(NumberAndText));
        Assert.Equal(Error, Fails<Dictionary<long, string>>(NumberAndText));
        Assert.Equal(Error, Fails<ImmutableDictionary<string, string>>(NumberAndText));
        Assert.Equal(Error, Fails<WithExtension>(NumberAndText));
        Assert.Equal(Error, Fails<WithJsonExtension>(NumberAndText));
        Assert.Equal(Error, Assert.Throws<FormatException>(() => MessagePackElement.Parse(NumberAndText).ToObject()).Message);

        // An element holds the keys as they are.
        Assert.Equal(["1", "1"], MessagePackElement.Parse(NumberAndText).EnumerateObject().Select(static pair => pair.Name));
        Assert.Equal("b", MessagePackElement.Parse(NumberAndText).GetProperty("1").GetString());
    }

    [Fact]
    public void A_key_that_comes_twice_is_found_at_any_depth_and_among_many()
    {
        byte[] inside = [0x81, 0xa1, (byte)'x', 0x92, 1, .. NumberAndText];
        Assert.Equal("x[1]: expected each key once, found '1' twice", Fails<object>(inside));
        Assert.Equal("x[1]: expected each key once, found '1' twice", Fails<JsonNode>(inside));

        for (var count = 2; count < 20; count++)
        {
            byte[] map = [0xde, 0, (byte)count, .. Enumerable.Range(0, count - 1).SelectMany(static i => new byte[] { 0xa1, (byte)('a' + i), 0 }), 0xa1, (byte)'a', 0];
            Assert.Equal("expected each key once, found 'a' twice", Fails<JsonElement>(map));
            Assert.Equal("expected each key once, found 'a' twice", Fails<object>(map));

            // The last key is the first one in overlong UTF-8.
            map = [0xde, 0, (byte)count, .. Enumerable.Range(0, count - 1).SelectMany(static i => new byte[] { 0xa1, (byte)('a' + i), 0 }), 0xa2, 0xc1, 0xa1, 0];
            Assert.Equal("expected each key once, found 'a' twice", Fails<JsonElement>(map));
        }
    }

    [Fact]
    public void A_member_that_comes_twice_is_an_error()
    {
        Assert.Equal("expected each key once, found 'hello' twice", Fails<Greeting>(TwoCases));
        Assert.Equal("expected each key once, found 'hello' twice", Fails<GreetingClass>(TwoCases));
    }

    [Theory]
    [InlineData("""{"$type":"cat","$type":"dog","name":"n"}""")]
    [InlineData("""{"$type":"cat","name":"n","$type":"cat"}""")]
    [InlineData("""{"$type":"dog","$type":"dog","name":"n"}""")]
    [InlineData("""{"name":"n","$type":"new","$type":"cat"}""")]
    public void A_kind_that_comes_twice_is_an_error(string json)
    {
        var packed = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(packed);
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        Assert.True(reader.Read());
        Assert.True(MessagePackJson.TryRead(ref reader, ref writer, 64, out var fault), fault);
        writer.Flush();

        Assert.Equal("expected each key once, found '$type' twice", Fails<Pet>(packed.WrittenSpan.ToArray()));
    }

    [Fact]
    public void An_enum_that_comes_twice_as_a_key_is_an_error() =>
        Assert.Equal("expected each key once, found 'monday' twice", Fails<Dictionary<DayOfWeek, int>>([0x82, 0xa6, .. "Monday"u8, 1, 0xa6, .. "monday"u8, 2]));

    [Fact]
    public void Bytes_as_a_key_are_base64_without_quotes()
    {
        Assert.Equal("aGk=", Assert.Single((Dictionary<string, object?>)Read<object>(BytesKey)).Key);
        Assert.Equal("{\"aGk=\":1}", Read<JsonNode>(BytesKey).ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Equal("{\"aGk=\":1}", Read<JsonElement>(BytesKey).GetRawText());
        Assert.Equal("{\"aGk=\":1}", MessagePackElement.Parse(BytesKey).ToString());
        Assert.Equal("aGk=", Assert.Single(MessagePackElement.Parse(BytesKey).EnumerateObject()).Name);
        Assert.Equal("aGk=", Assert.Single(Read<WithExtension>(BytesKey).More!).Key);
        Assert.Equal("1970-01-01T00:00:01Z", Assert.Single((Dictionary<string, object?>)Read<object>([0x81, 0xd6, 0xff, 0, 0, 0, 1, 1])).Key);
        Assert.Equal("[\"a\"]", Assert.Single((Dictionary<string, object?>)Read<object>([0x81, 0x91, 0xa1, (byte)'a', 1])).Key);
    }

    private static T Read<T>(byte[] packed)
    {
        Assert.True(PackSerializer.TryDeserialize<T>(packed, out var value, out var error), error?.ToString());
        return value;
    }

    [Fact]
    public void An_empty_key_is_kept_like_any_other_that_names_no_member()
    {
        // {"": 1, "Hello": 2}
        byte[] packed = [0x82, 0xA0, 0x01, 0xA5, .. "Hello"u8, 0x02];

        var value = Read<RecordWithExtension>(packed)!;

        Assert.Equal(2, value.Hello);
        Assert.Equal([""], value.More!.Keys);
    }

    private static string Fails<T>(byte[] packed)
    {
        Assert.False(PackSerializer.TryDeserialize<T>(packed, out _, out var error));
        return error.ToString();
    }

    [JsonPolymorphic(IgnoreUnrecognizedTypeDiscriminators = true)]
    [JsonDerivedType(typeof(Cat), "cat")]
    [JsonDerivedType(typeof(Dog), "dog")]
    private class Pet
    {
        public string? Name { get; set; }
    }

    private sealed class Cat : Pet
    {
        [JsonExtensionData]
        public Dictionary<string, object?>? More { get; set; }
    }

    private sealed class Dog(string name) : Pet
    {
        public string Called => name;
    }

    private sealed class WithExtension
    {
        [JsonExtensionData]
        public Dictionary<string, object?>? More { get; set; }
    }

    private sealed class WithJsonExtension
    {
        [JsonExtensionData]
        public JsonObject? More { get; set; }
    }

    private sealed record RecordWithExtension(int Hello)
    {
        [JsonExtensionData]
        public Dictionary<string, object?>? More { get; set; }
    }

    private sealed record Greeting(int Hello);

    private sealed class GreetingClass
    {
        public int Hello { get; set; }
    }
}
