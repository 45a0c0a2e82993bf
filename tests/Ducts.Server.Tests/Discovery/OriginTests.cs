using System.Net;
using Ducts.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Ducts.Server.Tests.Discovery;

public sealed class OriginTests
{
    [Theory]
    [InlineData(null, "example.org", true)]
    [InlineData("https://example.org", "example.org", true)]
    [InlineData("https://EXAMPLE.org", "example.org", true)]
    [InlineData("https://example.org", "example.org:443", true)]
    [InlineData("http://example.org:8080", "example.org:8080", true)]
    [InlineData("http://[::1]:8080", "[::1]:8080", true)]
    [InlineData("https://xn--bcher-kva.example", "xn--bcher-kva.example", true)]
    [InlineData("http://xn--bcher-kva.example:8080", "bücher.example:8080", true)]
    [InlineData("https://xn--bcher-kva.example", "bucher.example", false)]
    [InlineData("http://example.org:8080", "example.org", false)]
    [InlineData("http://example.org", "example.org:8080", false)]
    [InlineData("https://evil.example.org", "example.org", false)]
    [InlineData("https://example.org.evil.net", "example.org", false)]
    [InlineData("https://example.org@evil.net", "example.org", false)]
    [InlineData("https://evil.net/example.org", "example.org", false)]
    [InlineData("file://example.org", "example.org", false)]
    [InlineData("null", "example.org", false)]
    [InlineData("", "example.org", false)]
    [InlineData("https://listed.net", "example.org", true)]
    [InlineData("http://listed.net", "example.org", false)]
    [InlineData("ws://example.org:8080", "example.org:8080", true)]
    [InlineData("ws://example.org:80", "example.org", true)]
    [InlineData("wss://example.org", "example.org:443", true)]
    [InlineData("ws://example.org:8080", "example.org", false)]
    [InlineData("ws://other.net:8080", "example.org:8080", false)]
    [InlineData("https://listed.net:443", "example.org", true)]
    [InlineData("wss://listed.net:443", "example.org", true)]
    [InlineData("wss://listed.net", "example.org", true)]
    [InlineData("ws://listed.net", "example.org", false)]
    [InlineData("https://listed.net:8443", "example.org", false)]
    public void Own_and_listed_origins_pass(string? origin, string host, bool expected) =>
        Assert.Equal(expected, IsAllowed(origin, host, "https://listed.net/"));

    [Theory]
    [InlineData("wss://listed.net:443", "https://listed.net")]
    [InlineData("ws://listed.net:80/", "http://listed.net")]
    [InlineData("HTTPS://Listed.net", "https://listed.net:443")]
    [InlineData("capacitor://localhost", "capacitor://localhost")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    [InlineData("https://BÜCHER.example:443", "https://xn--bcher-kva.example")]
    [InlineData("http://listed.net:80", "http://listed.net")]
    [InlineData("https://[2001:DB8:0::1]:8443", "https://[2001:db8::1]:8443")]
    public void An_origin_is_listed_however_it_is_written(string listed, string origin) => Assert.True(IsAllowed(origin, "example.org", listed));

    [Fact]
    public void A_star_lets_any_pass() => Assert.True(IsAllowed("null", "example.org", "*"));

    [Fact]
    public void Two_origins_pass_nothing()
    {
        var context = new DefaultHttpContext();
        context.Request.Host = new("example.org");
        context.Request.Headers.Origin = new(["https://example.org", "https://example.org"]);
        Assert.False(Policy().IsAllowed(context));
    }

    [Theory]
    [InlineData("/ducts/wsd?uuid=1")]
    [InlineData("/ducts/api/v1/event")]
    [InlineData("/ducts/api/v1/nothing/here")]
    [InlineData("/ducts/api/openapi.json")]
    public async Task A_listed_origin_reads_answers_and_errors(string path)
    {
        await using var host = await HttpHost.StartAsync(options => options.Auth.AllowedOrigins = ["https://listed.net"]);
        using var listed = await SendAsync(host, HttpMethod.Get, path, "https://listed.net");
        Assert.Equal("https://listed.net", listed.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("Origin", listed.Headers.Vary);
        using var other = await SendAsync(host, HttpMethod.Get, path, "https://other.net");
        Assert.False(other.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Contains("Origin", other.Headers.Vary);
    }

    [Fact]
    public async Task A_star_never_comes_with_credentials()
    {
        await using var host = await HttpHost.StartAsync(options => options.Auth.AllowedOrigins = ["*"]);
        using var answer = await SendAsync(host, HttpMethod.Get, "/ducts/wsd?uuid=1", "https://any.net");
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task Beside_a_star_a_listed_origin_comes_with_credentials()
    {
        await using var host = await HttpHost.StartAsync(options => options.Auth.AllowedOrigins = ["*", "wss://listed.net"]);
        using var listed = await SendAsync(host, HttpMethod.Get, "/ducts/wsd?uuid=1", "https://listed.net");
        Assert.Equal("https://listed.net", listed.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("true", listed.Headers.GetValues("Access-Control-Allow-Credentials").Single());
        using var other = await SendAsync(host, HttpMethod.Get, "/ducts/wsd?uuid=1", "https://other.net");
        Assert.Equal("*", other.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.False(other.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task Other_paths_have_no_headers_for_other_origins()
    {
        await using var host = await HttpHost.StartAsync(options => options.Auth.AllowedOrigins = ["https://listed.net"]);
        using var answer = await SendAsync(host, HttpMethod.Get, "/", "https://listed.net");
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_preflight_is_answered_for_listed_origins_only()
    {
        await using var host = await HttpHost.StartAsync(options => options.Auth.AllowedOrigins = ["https://listed.net"]);
        using var listed = await SendAsync(host, HttpMethod.Options, "/ducts/api/v1/any/thing", "https://listed.net", "PUT");
        Assert.Equal(HttpStatusCode.NoContent, listed.StatusCode);
        Assert.Equal("PUT", listed.Headers.GetValues("Access-Control-Allow-Methods").Single());
        Assert.Equal("x-token", listed.Headers.GetValues("Access-Control-Allow-Headers").Single());
        using var other = await SendAsync(host, HttpMethod.Options, "/ducts/api/v1/any/thing", "https://other.net", "PUT");
        Assert.DoesNotContain(other.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.Ordinal));
    }

    private static Task<HttpResponseMessage> SendAsync(HttpHost host, HttpMethod method, string path, string origin, string? asks = null)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Origin", origin);
        if (asks is not null)
        {
            request.Headers.Add("Access-Control-Request-Method", asks);
            request.Headers.Add("Access-Control-Request-Headers", "x-token");
        }

        return host.Client.SendAsync(request);
    }

    private static bool IsAllowed(string? origin, string host, string allowed)
    {
        var context = new DefaultHttpContext();
        context.Request.Host = new(host);
        if (origin is not null)
            context.Request.Headers.Origin = origin;
        return Policy(allowed).IsAllowed(context);
    }

    private static OriginPolicy Policy(params string[] allowed) =>
        new(Options.Create(new DuctsOptions { Auth = { AllowedOrigins = [.. allowed] } }));
}
