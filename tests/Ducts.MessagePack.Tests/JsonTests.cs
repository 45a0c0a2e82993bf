using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Ducts.MessagePack.Tests;

public sealed class JsonTests
{
    [Theory]
    [InlineData("null", "c0")]
    [InlineData("true", "c3")]
    [InlineData("-1", "ff")]
    [InlineData("18446744073709551615", "cfffffffffffffffff")]
    [InlineData("18446744073709551616", "cb43f0000000000000")]
    [InlineData("1.0", "cb3ff0000000000000")]
    [InlineData("1e2", "cb4059000000000000")]
    [InlineData("\"\"", "a0")]
    [InlineData("\"a\\u00e9\\n\\ud83e\\udd86\"", "a861c3a90af09fa686")]
    [InlineData("\"\\ud83d\"", "a3efbfbd")]
    [InlineData("\"\\udc00x\"", "a4efbfbd78")]
    [InlineData("\"\\ud83d\\ud83e\\udd86\"", "a7efbfbdf09fa686")]
    [InlineData("\"\\ud83d\\n\\u0041\\\\\\/\\\"\\b\\f\\r\\t\"", "acefbfbd0a415c2f22080c0d09")]
    [InlineData("{\"\\ud800\":1}", "81a3efbfbd01")]
    [InlineData("[]", "90")]
    [InlineData("{}", "80")]
    [InlineData("[1,[2,{\"a\":[]}],\"x\"]", "93019202" + "81a16190" + "a178")]
    [InlineData("{\"a\":1,\"b\":{\"c\":null}}", "82a16101a16281a163c0")]
    public void JSON_is_packed(string json, string hex)
    {
        Assert.True(TryPack(Encoding.UTF8.GetBytes(json), 64, out var bytes, out var error), error);
        Assert.Equal(hex, Convert.ToHexStringLower(bytes));
        Assert.True(TryPack(Encoding.UTF8.GetBytes(json), 64, out bytes, out error, pieces: true), error);
        Assert.Equal(hex, Convert.ToHexStringLower(bytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("[1,")]
    [InlineData("{\"a\"")]
    [InlineData("{\"a\":")]
    [InlineData("nul")]
    [InlineData("[1 2]")]
    [InlineData("[[[[[1]]]]]")]
    public void What_is_no_JSON_is_an_error_and_nothing_is_written(string json)
    {
        Assert.False(TryPack(Encoding.UTF8.GetBytes(json), 4, out var bytes, out var error));
        Assert.Empty(bytes);
        Assert.NotEmpty(error!);
    }

    [Fact]
    public void Bad_UTF8_in_JSON_is_an_error()
    {
        Assert.False(TryPack([(byte)'"', 0xff, (byte)'"'], 4, out _, out var error));
        Assert.NotEmpty(error!);
    }

    [Fact]
    public void One_value_inside_a_larger_text_is_read_and_the_reader_stands_on_its_end()
    {
        var json = new Utf8JsonReader("{\"data\":[1,{}],\"more\":2}"u8);
        json.Read();
        json.Read();
        var output = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(output);

        Assert.True(MessagePackJson.TryRead(ref json, ref writer, 64, out _));
        writer.Flush();
        Assert.Equal("920180", Convert.ToHexStringLower(output.WrittenSpan));
        Assert.Equal(JsonTokenType.EndArray, json.TokenType);
        Assert.True(json.Read());
        Assert.Equal("more", json.GetString());
    }

    [Fact]
    public void What_JSON_cannot_say_becomes_the_nearest()
    {
        // [NaN, Infinity, undefined, timestamp, extension, bytes, overlong U+0561]
        byte[] packed =
        [
            0x97, 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0, 0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0, 0xd4, 0, 0,
            0xd6, 0xff, 0, 0, 0, 1, 0xd4, 5, 1, 0xc4, 1, 1, 0xa3, 0xe0, 0x95, 0xa1,
        ];

        Assert.Equal("[null,null,null,\"1970-01-01T00:00:01Z\",\"AQ==\",\"AQ==\",\"\u0561\"]", MessagePackElement.Parse(packed).ToString());
    }

    [Theory]
    [InlineData("8101c0", "{\"1\":null}")]
    [InlineData("81920102c0", "{\"[1,2]\":null}")]
    [InlineData("8181a161a162c0", "{\"{\\u0022a\\u0022:\\u0022b\\u0022}\":null}")]
    [InlineData("81818101c0c0c0", "{\"gYEBwMA=\":null}")]
    [InlineData("8191818001c0", "{\"kYGAAQ==\":null}")]
    public void A_key_that_is_no_string_becomes_its_text_and_one_with_such_keys_in_it_its_bytes(string hex, string json) =>
        Assert.Equal(json.Replace("\\u0022", "\\\"", StringComparison.Ordinal), MessagePackElement.Parse(Convert.FromHexString(hex)).ToString());

    [Fact]
    public void Keys_in_keys_in_keys_do_not_multiply_the_text()
    {
        // {{{…null: null}: null}: null}
        byte[] deep = [.. Enumerable.Repeat<byte>(0x81, 60), .. Enumerable.Repeat<byte>(0xc0, 61)];
        var element = MessagePackElement.Parse(deep);

        Assert.InRange(element.ToString().Length, 1, 1000);
        Assert.InRange(((Dictionary<string, object?>)element.ToObject()!).Keys.Single().Length, 1, 1000);
    }

    [Theory]
    [InlineData("c1")]
    [InlineData("92 01")]
    [InlineData("")]
    public void Bytes_that_hold_no_value_are_an_argument_exception(string hex)
    {
        using var json = new Utf8JsonWriter(new ArrayBufferWriter<byte>());
        Assert.Throws<ArgumentException>(() => MessagePackJson.Write(Convert.FromHexString(hex.Replace(" ", "")), json));
    }

    [Fact]
    public void A_value_deeper_than_the_writer_allows_is_an_argument_exception()
    {
        byte[] deep = [.. Enumerable.Repeat<byte>(0x91, 5000), 0x90];
        using var json = new Utf8JsonWriter(new ArrayBufferWriter<byte>(), new JsonWriterOptions { SkipValidation = true });
        Assert.Throws<ArgumentException>(() => MessagePackJson.Write(deep, json));
    }

    [Fact]
    public void Mutated_JSON_is_packed_whole_or_is_an_error()
    {
        var text = Encoding.UTF8.GetBytes("""{"a\u00e9":[1,-2.5e3,"\ud83d\ude00\ud83d\n","日本"],"b":{"\udc00":null},"c":18446744073709551616}""");
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var mutated = (byte[])text.Clone();
            for (var j = random.Next(1, 4); j > 0; j--)
                mutated[random.Next(mutated.Length)] = random.Next(2) == 0 ? text[random.Next(text.Length)] : (byte)random.Next(256);
            var done = TryPack(mutated, 8, out var bytes, out var error);
            Assert.Equal(done, error is null);
            Assert.True(done ? MessagePackElement.TryParse(bytes, out _) == MessagePackStatus.Ok : bytes.Length == 0, $"seed {seed}, round {i}");
            Assert.Equal(done, TryPack(mutated, 8, out var again, out _, pieces: true));
            Assert.Equal(bytes, again);
        }
    }

    private static bool TryPack(byte[] json, int maxDepth, out byte[] bytes, out string? error, bool pieces = false)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(output);
        var reader = pieces ? new Utf8JsonReader(Cut(json)) : new Utf8JsonReader(json);
        var done = MessagePackJson.TryRead(ref reader, ref writer, maxDepth, out error);
        writer.Flush();
        bytes = output.WrittenSpan.ToArray();
        return done;
    }

    private static ReadOnlySequence<byte> Cut(byte[] bytes)
    {
        Piece? first = null;
        Piece? last = null;
        foreach (var value in bytes)
        {
            var piece = new Piece(new[] { value }, last);
            first ??= piece;
            last = piece;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, 1);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
