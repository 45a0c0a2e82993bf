using System.Text.RegularExpressions;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ducts.MessagePack;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

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
    [InlineData("own", "PermissionError('it\\'s \\\\ a \u00e9\\n\u65e5\U0001F986')")]
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

    [Theory]
    [InlineData("d4 05 07", "TypeError('An extension of type 5 cannot be packed: no client could read it.')")]
    [InlineData("c7 0c ff 00000000 2000000000000000", "TypeError('A timestamp outside of the years 1 to 9999 cannot be packed.')")]
    public async Task An_extension_in_a_result_is_a_TypeError(string extension, string text)
    {
        await using var server = await WireServer.StartAsync(redis, map: static app =>
        {
            app.MapEvent(2000, "OBJECT", (object? data) => data);
            app.MapEvent(2001, "STREAM", (MessagePackElement data) => Enumerable.Range(0, 2).Select(i => i == 0 ? null : (object)data));
            app.MapEvent(2002, "PUSHED", async (MessagePackElement data, IEventSession session) => await session.PushAsync(1000, data));
        });
        await using var client = await server.OpenAsync();

        foreach (var (id, hex) in ((int, string)[])[(1000, "cd03e8"), (2000, "cd07d0"), (2002, "cd07d2")])
        {
            await client.SendBinaryAsync(Packed.Hex($"93 01 {hex} 91 {extension}"));
            Assert.Equal($"[1,-{id},\"{text}\"]", await client.ReceiveAsync());
        }

        await client.SendBinaryAsync(Packed.Hex($"93 01 cd07d1 91 {extension}"));
        Assert.Equal(["[1,1,[1,2001,null]]", $"[1,2,[1,-2001,\"{text}\"]]", "[1,3,[1,-2001,null]]"], await client.ReceiveAsync(3));
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_timestamp_comes_back_as_one_form_of_text()
    {
        await using var server = await WireServer.StartAsync(redis, map: static app =>
        {
            app.MapEvent(2000, "OBJECT", (object? data) => data);
            app.MapEvent(2001, "NODE", (JsonNode data) => data);
            app.MapEvent(2002, "JSON", (JsonElement data) => data);
        });
        await using var client = await server.OpenAsync();

        foreach (var (id, hex) in ((int, string)[])[(1000, "cd03e8"), (2000, "cd07d0"), (2001, "cd07d1"), (2002, "cd07d2")])
        {
            await client.SendBinaryAsync(Packed.Hex($"93 01 {hex} c7 0c ff 075bcd15 0000000000000001"));
            Assert.Equal($"[1,{id},\"1970-01-01T00:00:01.123456789Z\"]", await client.ReceiveAsync());
        }
    }

    [GeneratedRegex(@"^\[1,-1003,""RuntimeError\('internal error, reference ([0-9a-f]{8})'\)""\]$")]
    private static partial Regex InternalError();
}
