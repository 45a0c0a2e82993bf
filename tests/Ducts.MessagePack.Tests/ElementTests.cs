namespace Ducts.MessagePack.Tests;

public sealed class ElementTests
{
    private static readonly MessagePackElement Sample = MessagePackElement.From(new
    {
        name = "Ada",
        age = 36,
        big = ulong.MaxValue,
        score = 1.5,
        ok = true,
        none = (string?)null,
        raw = new byte[] { 1, 2 },
        list = new object[] { 1, "x", new[] { 2 } },
    });

    [Fact]
    public void The_default_element_is_null()
    {
        var element = default(MessagePackElement);

        Assert.Equal(MessagePackKind.Nil, element.Kind);
        Assert.True(element.IsNil);
        Assert.Equal([0xc0], element.RawBytes.ToArray());
        Assert.Equal("null", element.ToString());
        Assert.Null(element.ToObject());
        Assert.Null(element.GetString());
        Assert.Equal(MessagePackElement.From<object?>(null), element);
    }

    [Fact]
    public void Values_are_read_on_demand()
    {
        Assert.Equal(MessagePackKind.Map, Sample.Kind);
        Assert.Equal("Ada", Sample.GetProperty("name").GetString());
        Assert.Equal(36, Sample.GetProperty("age").GetInt32());
        Assert.Equal(36L, Sample.GetProperty("age").GetInt64());
        Assert.Equal(36.0, Sample.GetProperty("age").GetDouble());
        Assert.Equal(ulong.MaxValue, Sample.GetProperty("big").GetUInt64());
        Assert.Equal(1.5, Sample.GetProperty("score").GetDouble());
        Assert.True(Sample.GetProperty("ok").GetBoolean());
        Assert.Null(Sample.GetProperty("none").GetString());
        Assert.Equal([1, 2], Sample.GetProperty("raw").GetBytes().ToArray());
        Assert.Equal(3, Sample.GetProperty("list").GetArrayLength());
        Assert.Equal("x", Sample.GetProperty("list")[1].GetString());
        Assert.Equal(2, Sample.GetProperty("list")[2][0].GetInt32());
        Assert.Equal(8, Sample.GetPropertyCount());
    }

    [Fact]
    public void Bytes_inside_a_message_are_the_messages_own()
    {
        byte[] message = [0x92, 0xc4, 2, 7, 8, 0xa1, (byte)'x'];
        var bytes = MessagePackElement.Parse(message)[0].GetBytes();

        Assert.Equal([7, 8], bytes.ToArray());
        message[3] = 9;
        Assert.Equal(9, bytes.Span[0]);
    }

    [Fact]
    public void Attempts_say_whether_the_kind_and_range_fit()
    {
        Assert.True(Sample.GetProperty("age").TryGetInt32(out var age));
        Assert.Equal(36, age);
        Assert.False(Sample.GetProperty("big").TryGetInt64(out _));
        Assert.False(Sample.GetProperty("name").TryGetInt32(out _));
        Assert.False(Sample.GetProperty("age").TryGetString(out _));
        Assert.False(Sample.GetProperty("age").TryGetBoolean(out _));
        Assert.False(Sample.GetProperty("name").TryGetDouble(out _));
        Assert.False(Sample.GetProperty("name").TryGetBytes(out _));
        Assert.True(Sample.GetProperty("big").TryGetUInt64(out _));
        Assert.False(Sample.TryGetProperty("absent", out var absent));
        Assert.True(absent.IsNil);
    }

    [Fact]
    public void The_wrong_kind_or_range_is_an_exception_that_says_so()
    {
        Assert.Equal("expected an integer, found a string", Assert.Throws<InvalidOperationException>(() => Sample.GetProperty("name").GetInt32()).Message);
        Assert.Throws<FormatException>(() => Sample.GetProperty("big").GetInt64());
        Assert.Throws<InvalidOperationException>(() => Sample.GetProperty("age").GetString());
        Assert.Throws<InvalidOperationException>(() => Sample.GetProperty("age").GetBoolean());
        Assert.Throws<InvalidOperationException>(() => Sample.GetProperty("name").GetDouble());
        Assert.Throws<InvalidOperationException>(() => Sample.GetProperty("name").GetBytes());
        Assert.Throws<InvalidOperationException>(() => Sample.GetArrayLength());
        Assert.Throws<InvalidOperationException>(() => Sample.GetProperty("list").EnumerateObject());
        Assert.Throws<KeyNotFoundException>(() => Sample.GetProperty("absent"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sample.GetProperty("list")[3]);
        Assert.Throws<FormatException>(() => Sample.GetProperty("name").Deserialize<int>());
        Assert.Throws<FormatException>(() => MessagePackElement.Parse(new byte[] { 0xc1 }));
    }

    [Fact]
    public void Arrays_and_maps_are_enumerated()
    {
        Assert.Equal(["1", "\"x\"", "[2]"], Sample.GetProperty("list").EnumerateArray().Select(e => e.ToString()));
        Assert.Equal(["name", "age", "big", "score", "ok", "none", "raw", "list"], Sample.EnumerateObject().Select(p => p.Name));
        foreach (var pair in Sample.EnumerateObject())
            Assert.Equal(pair.NameEquals("age"u8), pair.Value.TryGetInt32(out _));
    }

    [Fact]
    public void A_key_that_is_no_string_has_its_text_for_a_name()
    {
        var map = MessagePackElement.Parse(new byte[] { 0x82, 0x05, 0x01, 0xc3, 0x02 });

        Assert.Equal(["5", "true"], map.EnumerateObject().Select(p => p.Name));
        Assert.Equal("{\"5\":1,\"true\":2}", map.ToString());
        Assert.Equal(["5", "true"], Assert.IsType<Dictionary<string, object?>>(map.ToObject()).Keys);
    }

    [Fact]
    public void The_last_of_several_equal_names_counts()
    {
        var map = MessagePackElement.Parse(new byte[] { 0x82, 0xa1, (byte)'a', 0x01, 0xa1, (byte)'a', 0x02 });

        Assert.Equal(2, map.GetProperty("a").GetInt32());
    }

    [Fact]
    public void The_text_is_JSON()
    {
        Assert.Equal(
            "{\"name\":\"Ada\",\"age\":36,\"big\":18446744073709551615,\"score\":1.5,\"ok\":true,\"none\":null,\"raw\":\"AQI=\",\"list\":[1,\"x\",[2]]}",
            Sample.ToString());
    }

    [Fact]
    public void Elements_with_the_same_bytes_are_equal()
    {
        var one = MessagePackElement.From("x");
        var other = MessagePackElement.From("x");

        Assert.True(one == other);
        Assert.True(one != Sample);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.True(one.Equals((object)other));
    }

    [Fact]
    public void Limits_are_kept()
    {
        var list = PackSerializer.Serialize(new[] { new[] { 1, 2 }, [3] });

        Assert.Equal(MessagePackStatus.Ok, MessagePackElement.TryParse(list, out _, new MessagePackLimits(2, 5, list.Length)));
        Assert.Equal(MessagePackStatus.TooDeep, MessagePackElement.TryParse(list, out _, new MessagePackLimits(1, 5, list.Length)));
        Assert.Equal(MessagePackStatus.TooManyItems, MessagePackElement.TryParse(list, out _, new MessagePackLimits(2, 4, list.Length)));
        Assert.Equal(MessagePackStatus.TooLarge, MessagePackElement.TryParse(list, out _, new MessagePackLimits(2, 5, list.Length - 1)));
        Assert.Equal(MessagePackStatus.EndOfData, MessagePackElement.TryParse(list.AsMemory(0, 2), out _, new MessagePackLimits(2, 5, 2)));
        byte[] deep = [.. Enumerable.Repeat<byte>(0x91, 500), 0x90];
        Assert.Equal(MessagePackStatus.Ok, MessagePackElement.TryParse(deep, out _, new MessagePackLimits(501, 1000, 1000)));
        Assert.Equal(MessagePackStatus.TooDeep, MessagePackElement.TryParse(deep, out _, new MessagePackLimits(500, 1000, 1000)));
    }
}
