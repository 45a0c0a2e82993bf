using System.Text.RegularExpressions;
using Ducts.Tests.Support;

namespace Ducts.Tests.Protocol;

public sealed partial class ErrorTests(RedisFixture redis)
{
    [Theory]
    [InlineData("key", "KeyError('no such group')")]
    [InlineData("value", "ValueError('not a date')")]
    [InlineData("permission", "PermissionError('not yours')")]
    [InlineData("timeout", "TimeoutError('too late')")]
    [InlineData("file", "FileNotFoundError('no file')")]
    [InlineData("not_implemented", "NotImplementedError('not yet')")]
    [InlineData("own", """PermissionError('it\'s \\ a \xe9\n\u65e5\U0001f986')""")]
    public async Task Errors_are_named_as_Python_names_them(string kind, string text)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        var answer = await client.CallAsync($"[1,1003,\"{kind}\"]");

        using var parsed = System.Text.Json.JsonDocument.Parse(answer);
        Assert.Equal(-1003, parsed.RootElement[1].GetInt32());
        Assert.Equal(text, parsed.RootElement[2].GetString());
    }

    [Fact]
    public async Task An_unexpected_error_tells_a_reference_which_the_log_has()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        var answer = await client.CallAsync("[1,1003,\"secret\"]");

        var match = InternalError().Match(answer);
        Assert.True(match.Success, answer);
        var line = Assert.Single(server.Log.Errors);
        Assert.Contains(match.Groups[1].Value, line, StringComparison.Ordinal);
        Assert.Contains("password is 12345", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_detailed_errors_the_message_is_told()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Event.DetailedErrors = true);
        await using var client = await server.OpenAsync();

        Assert.Equal("[1,-1003,\"RuntimeError('password is 12345')\"]", await client.CallAsync("[1,1003,\"secret\"]"));
    }

    [Theory]
    [InlineData("null", "TypeError('")]
    [InlineData("[1,2,3]", "TypeError('")]
    [InlineData("{\"other\":1}", "TypeError('")]
    [InlineData("\"x\"", "TypeError('")]
    public async Task Arguments_that_do_not_fit_are_a_TypeError(string data, string start)
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        Assert.StartsWith($"[1,-1005,\"{start}", await client.CallAsync($"[1,1005,{data}]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_cannot_be_packed_is_an_error_of_its_request_alone()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        Assert.Equal("[1,-1012,\"KeyError('no name')\"]", await client.CallAsync("[1,1012,null]"));
        Assert.Equal("[2,1000,1]", await client.CallAsync("[2,1000,1]"));
    }

    [GeneratedRegex(@"^\[1,-1003,""RuntimeError\('internal error, reference ([0-9a-f]{8})'\)""\]$")]
    private static partial Regex InternalError();
}
