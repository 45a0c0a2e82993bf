using Ducts.Server.Tests.Discovery;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Tests.Connections;

/// <summary>Host names in punycode that is none: the framework throws wherever it reads one.</summary>
public sealed class UnreadableHostTests(RedisFixture redis)
{
    private static readonly string Long = new('a', 70);

    public static TheoryData<string> Hosts =>
    [
        "xn--.example",
        "xn--.example:8080",
        "xn--0.example",
        "xn--99999999999.example",
        "xn--bcher-kva..example",
        $"xn--bcher-kva.{Long}.example",
        $"xn--{Long}.example",
    ];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_host_that_cannot_be_read_is_400_with_a_reason(string name)
    {
        await using var server = await WireServer.StartAsync(redis, map: static app => app.MapGet("/own", static () => "own"));
        foreach (var path in new[] { "/ducts/wsd?uuid=1", "/ducts/main", "/ducts/libs/ducts.js", "/ducts/ws/v1/a.b", "/ducts/api/v1/event", "/none", "/own" })
        {
            var answer = await RawHttp.GetAsync(server.Port, path, $"Host: {name}");

            Assert.StartsWith("HTTP/1.1 400 Bad Request", answer, StringComparison.Ordinal);
            Assert.Contains($"The host name {name} cannot be read.", answer, StringComparison.Ordinal);
        }

        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("a..example")]
    [InlineData("XN--A.EXAMPLE")]
    [InlineData("xn--a.example")]
    [InlineData("a.xn--a")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example")]
    public async Task Any_other_host_is_answered_too(string name)
    {
        await using var server = await WireServer.StartAsync(redis);

        var answer = await RawHttp.GetAsync(server.Port, "/ducts/wsd?uuid=1", $"Host: {name}");

        Assert.Contains(answer.Split(' ')[1], (string[])["200", "400", "403"]);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_forwarded_host_that_cannot_be_read_is_400_with_a_reason(string name)
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Server.BehindNginx = true);

        foreach (var value in new[] { name, $"good.example, {name}" })
        {
            var answer = await RawHttp.GetAsync(server.Port, "/ducts/wsd?uuid=1", $"X-Forwarded-Host: {value}", "X-Forwarded-For: 203.0.113.9");

            Assert.StartsWith("HTTP/1.1 400 Bad Request", answer, StringComparison.Ordinal);
            Assert.Contains($"The host name {name} cannot be read.", answer, StringComparison.Ordinal);
        }

        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData(".a&b", ".a&b")]
    [InlineData("good.example, a..b&c", "a..b&c")]
    public async Task A_forwarded_host_that_cannot_be_written_again_is_400_with_a_reason(string forwarded, string name)
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Server.BehindNginx = true);

        var answer = await RawHttp.GetAsync(server.Port, "/ducts/wsd?uuid=1", $"X-Forwarded-Host: {forwarded}", "X-Forwarded-For: 203.0.113.9");

        Assert.StartsWith("HTTP/1.1 400 Bad Request", answer, StringComparison.Ordinal);
        Assert.Contains($"The host name {name} cannot be read.", answer, StringComparison.Ordinal);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task An_origin_or_a_referer_that_cannot_be_read_is_none_of_the_servers(string name)
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.Auth.AllowedOrigins = ["https://good.example"]);
        var issued = await server.IssueAsync();
        foreach (var (path, header) in new[]
        {
            (issued.Path, "Origin"), ("/ducts/wsd?uuid=1", "Origin"), ("/ducts/main", "Referer"), ("/ducts/api/v1/event", "Origin"),
        })
        {
            string[] headers = [$"{header}: http://{name}", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="];

            var answer = await RawHttp.GetAsync(server.Port, path, headers);

            Assert.Contains(answer.Split(' ')[1], (string[])["200", "400", "403"]);
        }

        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("http://xn--.example")]
    [InlineData("http://xn--a.example")]
    [InlineData("http://\u00fc\u200d.example")]
    [InlineData("http://\u00ad.example")]
    [InlineData("http://\u0640.example")]
    [InlineData("http://\u00fc..example")]
    [InlineData("wss://\ud83d\ude00\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc.example")]
    public void An_origin_is_read_without_an_exception(string text)
    {
        if (WebOrigin.TryParse(text, out var origin))
        {
            Assert.True(origin.Host.All(char.IsAscii), origin.Host);
        }
    }
}
