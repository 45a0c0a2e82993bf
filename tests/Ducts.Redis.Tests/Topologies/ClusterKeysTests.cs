using Ducts.Redis.Commands;

namespace Ducts.Redis.Tests;

public sealed class ClusterKeysTests
{
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
    public void The_first_key_is_found(string? key, string command, params string[] arguments)
    {
        var index = CommandKeys.FirstIn(command, [.. arguments.Select(static text => (RedisArgument)text)]);
        Assert.Equal(key, index < 0 ? null : arguments[index]);
    }
}
