namespace Ducts.Redis.Tests;

public sealed class RedisReplyTests
{
    [Fact]
    public void Scalars_convert_by_their_text()
    {
        Assert.Equal(12, Read("$2\r\n12\r\n").AsInt64());
        Assert.Equal("12", Read(":12\r\n").AsString());
        Assert.Equal(1.5, Read("$3\r\n1.5\r\n").AsDouble());
        Assert.Equal(double.PositiveInfinity, Read("$3\r\ninf\r\n").AsDouble());
        Assert.Equal(3, Read(":3\r\n").AsDouble());
        Assert.True(Read("+OK\r\n").AsBoolean());
        Assert.True(Read("$1\r\n1\r\n").AsBoolean());
        Assert.False(Read("_\r\n").AsBoolean());
        Assert.Null(Read("_\r\n").AsString());
        Assert.True(Read("_\r\n").AsBytes().IsEmpty);
        Assert.Equal("12"u8, Read(":12\r\n").AsBytes().Span);
    }

    [Fact]
    public void What_has_no_reading_is_an_invalid_cast()
    {
        Assert.Throws<InvalidCastException>(() => Read("$1\r\nx\r\n").AsInt64());
        Assert.Throws<InvalidCastException>(() => Read("*0\r\n").AsInt64());
        Assert.Throws<InvalidCastException>(() => Read("*0\r\n").AsString());
        Assert.Throws<InvalidCastException>(() => Read(":2\r\n").Items);
        Assert.Throws<InvalidCastException>(() => Read("$1\r\nx\r\n").AsBoolean());
        Assert.Throws<InvalidCastException>(() => Read("_\r\n").AsInt64());
    }

    [Fact]
    public void An_error_throws_with_its_text_when_it_is_read()
    {
        var error = Read("-WRONGTYPE bad\r\n");
        Assert.Equal("WRONGTYPE", Assert.Throws<RedisErrorException>(() => error.AsString()).Code);
        Assert.Throws<RedisErrorException>(() => error.AsInt64());
        Assert.Throws<RedisErrorException>(() => error.Items);
        Assert.IsType<RedisErrorException>(error.ToObject());
    }

    [Fact]
    public void Values_become_plain_objects()
    {
        var plain = Assert.IsType<object?[]>(Read("*7\r\n:1\r\n$1\r\na\r\n+s\r\n_\r\n#t\r\n,1.5\r\n%1\r\n+k\r\n:2\r\n").ToObject());
        Assert.Equal(1L, plain[0]);
        Assert.Equal("a"u8.ToArray(), plain[1]);
        Assert.Equal("s", plain[2]);
        Assert.Null(plain[3]);
        Assert.Equal(true, plain[4]);
        Assert.Equal(1.5, plain[5]);
        Assert.Equal([new("k", 2L)], Assert.IsType<KeyValuePair<object?, object?>[]>(plain[6]));
    }

    [Fact]
    public void Values_are_equal_by_content()
    {
        Assert.Equal(Read("*2\r\n:1\r\n$1\r\na\r\n"), Read("*2\r\n:1\r\n$1\r\na\r\n"));
        Assert.NotEqual(Read("$1\r\na\r\n"), Read("$1\r\nb\r\n"));
        Assert.NotEqual(Read("$1\r\n1\r\n"), Read(":1\r\n"));
        Assert.Equal(Read("$1\r\na\r\n").GetHashCode(), Read("$1\r\na\r\n").GetHashCode());
    }

    [Fact]
    public void Fields_keep_their_order_and_the_last_of_a_name()
    {
        var pairs = string.Concat(Enumerable.Range(0, 20).Select(static i => $"$2\r\n{i:00}\r\n:{i}\r\n"));
        var many = Read("*40\r\n" + pairs).AsFields();
        Assert.Equal(Enumerable.Range(0, 20).Select(static i => i.ToString("00")), many.Keys);
        Assert.Equal("13", many["13"]);
        Assert.False(many.ContainsKey("99"));
        var twice = Read("*6\r\n+a\r\n+1\r\n+b\r\n+2\r\n+a\r\n+3\r\n").AsFields();
        Assert.Equal([new("a", "3"), new("b", "2")], twice);
        Assert.True(twice.TryGetBytes("b", out var bytes));
        Assert.Equal("2"u8, bytes.Span);
        Assert.Throws<KeyNotFoundException>(() => twice["c"]);
    }

    private static RedisReply Read(string resp)
    {
        var position = 0;
        return Ducts.Redis.Commands.ReplyReader.Read(Resp.Read(resp, ref position));
    }
}
