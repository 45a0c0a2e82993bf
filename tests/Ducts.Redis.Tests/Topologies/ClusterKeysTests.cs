namespace Ducts.Redis.Tests;

public sealed class ClusterKeysTests
{
    [Theory]
    [InlineData("123456789", 12739)]
    [InlineData("foo", 12182)]
    [InlineData("{foo}bar", 12182)]
    [InlineData("a{foo}b", 12182)]
    [InlineData("", 0)]
    public void Slots_are_those_of_Redis(string key, int slot) => Assert.Equal(slot, ClusterSlot.Of(key));

    [Fact]
    public void Only_the_first_braces_with_something_between_them_count()
    {
        Assert.Equal(ClusterSlot.Of("{}a"u8), ClusterSlot.Of("{}a"));
        Assert.NotEqual(ClusterSlot.Of(string.Empty), ClusterSlot.Of("{}a"));
        Assert.Equal(ClusterSlot.Of("a"), ClusterSlot.Of("{a}{b}"));
    }

    [Theory]
    [InlineData("foo", "GET", "foo")]
    [InlineData("foo", "EVAL", "script", "1", "foo", "x")]
    [InlineData(null, "EVAL", "script", "0", "foo")]
    [InlineData("foo", "XREAD", "COUNT", "1", "STREAMS", "foo", "0")]
    [InlineData("foo", "object", "ENCODING", "foo")]
    [InlineData("foo", "BITOP", "AND", "foo", "b")]
    [InlineData("foo", "ZUNION", "1", "foo")]
    [InlineData("foo", "LMPOP", "1", "foo", "LEFT")]
    [InlineData("foo", "MIGRATE", "host", "1", "foo")]
    [InlineData(null, "PING")]
    [InlineData(null, "PUBLISH", "foo", "x")]
    [InlineData(null, "GET")]
    public void The_first_key_is_found(string? key, string command, params string[] arguments) =>
        Assert.Equal(
            key is null ? -1 : ClusterSlot.Of(key),
            ClusterKeys.SlotOf(command, [.. arguments.Select(static text => (RedisArgument)text)]));

    [Fact]
    public void Keys_of_every_kind_of_argument_have_the_slot_of_their_text()
    {
        Assert.Equal(ClusterSlot.Of("12"), ClusterKeys.SlotOf("GET", [12]));
        Assert.Equal(ClusterSlot.Of("12"), ClusterKeys.SlotOf("GET", ["12"u8.ToArray()]));
        Assert.Equal(ClusterSlot.Of(new string('\u20ac', 1000)), ClusterKeys.SlotOf("GET", [new string('\u20ac', 1000)]));
    }

    [Theory]
    [InlineData("MOVED 3999 127.0.0.1:6381", "Moved", 3999, "127.0.0.1", 6381)]
    [InlineData("ASK 1 [::1]:6381", "Ask", 1, "::1", 6381)]
    [InlineData("MOVED 3999 :6381", "Moved", 3999, "asked", 6381)]
    public void A_redirection_is_read(string text, string kind, int slot, string host, int port)
    {
        var redirection = ClusterRedirection.Read(RedisValue.OfText(RedisValueKind.Error, text), "asked:1");
        Assert.Equal((kind, slot, host, port), (redirection.Kind.ToString(), redirection.Slot, redirection.Host!.Host, redirection.Host.Port));
    }

    [Theory]
    [InlineData("MOVED")]
    [InlineData("MOVED x y")]
    [InlineData("MOVED 99999 a:1")]
    [InlineData("MOVED 1 a:99999999")]
    [InlineData("ERR MOVED 1 a:1")]
    public void What_is_no_redirection_stays_an_error(string text) =>
        Assert.Equal(RedirectionKind.None, ClusterRedirection.Read(RedisValue.OfText(RedisValueKind.Error, text), "asked:1").Kind);
}
