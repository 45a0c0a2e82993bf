using System.Net;
using System.Text.Json;
using Ducts.Configuration;
using Ducts.Tests.Support;

namespace Ducts.Server.Tests.Discovery;

/// <summary>Behind nginx, configured as the guide says.</summary>
public sealed class ForwardedHeadersTests
{
    [Fact]
    public async Task Discovery_has_the_public_host_and_scheme_and_the_clients_address()
    {
        await using var host = await HttpHost.StartAsync(options => options.Server.BehindNginx = true);
        await using var nginx = await Nginx.StartAsync(host.Port);
        var answer = await RawHttp.GetAsync(nginx.Port, "/ducts/wsd?uuid=1", "Host: ducts.example.org");
        using var wsd = JsonDocument.Parse(answer[answer.IndexOf('{', StringComparison.Ordinal)..(answer.LastIndexOf('}') + 1)]);
        Assert.Equal($"wss://ducts.example.org/ducts/ws/v1/{HttpHost.SessionId}", wsd.RootElement.GetProperty("websocket_url").GetString());
        Assert.Equal("https://ducts.example.org/ducts/api/v1/", wsd.RootElement.GetProperty("api_url_root").GetString());
        Assert.Equal(IPAddress.Loopback, Assert.Single(host.Issued).Address);
    }

    [Fact]
    public async Task A_forged_address_sent_through_nginx_is_not_believed()
    {
        await using var host = await HttpHost.StartAsync(options => options.Server.BehindNginx = true);
        await using var nginx = await Nginx.StartAsync(host.Port);
        await RawHttp.GetAsync(nginx.Port, "/ducts/wsd?uuid=1", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Host: evil.net", "X-Forwarded-Proto: http");
        Assert.Equal(IPAddress.Loopback, Assert.Single(host.Issued).Address);
    }

    [Fact]
    public async Task Large_uploads_pass()
    {
        await using var host = await HttpHost.StartAsync(
            options => options.Server.BehindNginx = true,
            Ducts.Server.Tests.WebApis.WebApiTests.Snapshot(new Ducts.Server.Tests.WebApis.SampleHandler()));
        await using var nginx = await Nginx.StartAsync(host.Port);
        using var client = new HttpClient();
        const int Size = 64 << 20;
        using var answer = await client.PutAsync($"http://127.0.0.1:{nginx.Port}/ducts/api/v1/my_test_handler/upload", new ByteArrayContent(new byte[Size]));
        Assert.Equal($"{Size}", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Nobody_is_believed_where_the_option_is_off()
    {
        await using var host = await HttpHost.StartAsync();
        var answer = await RawHttp.GetAsync(host.Port, "/ducts/wsd?uuid=1", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Host: evil.net", "X-Forwarded-Proto: https");
        Assert.Equal(IPAddress.Loopback, Assert.Single(host.Issued).Address);
        Assert.DoesNotContain("evil.net", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("wss:", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_but_the_trusted_networks_is_believed()
    {
        await using var host = await HttpHost.StartAsync(options =>
        {
            options.Server.BehindNginx = true;
            options.Server.TrustedProxies = ["192.0.2.0/24"];
        });
        var answer = await RawHttp.GetAsync(host.Port, "/ducts/wsd?uuid=1", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Host: evil.net", "X-Forwarded-Proto: https");
        Assert.Equal(IPAddress.Loopback, Assert.Single(host.Issued).Address);
        Assert.DoesNotContain("evil.net", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_last_address_counts_even_where_the_one_before_is_of_a_trusted_network()
    {
        await using var host = await HttpHost.StartAsync(options => options.Server.BehindNginx = true);
        await RawHttp.GetAsync(host.Port, "/ducts/wsd?uuid=1", "X-Forwarded-For: 6.6.6.6, 10.1.2.3");
        Assert.Equal(IPAddress.Parse("10.1.2.3"), Assert.Single(host.Issued).Address);
    }

    [Fact]
    public async Task The_prefix_of_a_proxy_is_in_all_addresses()
    {
        await using var host = await HttpHost.StartAsync(static options => options.Server.BehindNginx = true);
        string[] proxy = ["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https", "X-Forwarded-Host: example.org", "X-Forwarded-Prefix: /app/"];

        var discovery = await RawHttp.GetAsync(host.Port, "/ducts/wsd?uuid=1", proxy);
        var script = await RawHttp.GetAsync(host.Port, "/ducts/main", proxy);
        var page = await RawHttp.GetAsync(host.Port, "/", proxy);
        var openApi = await RawHttp.GetAsync(host.Port, "/ducts/api/openapi.json", proxy);
        host.Write("htdocs/index.html", "<p>index");
        host.Write("htdocs/sub/index.html", "<p>sub");
        var root = await RawHttp.GetAsync(host.Port, "/", proxy);
        var folder = await RawHttp.GetAsync(host.Port, "/static/sub", proxy);

        Assert.Contains($"\"wss://example.org/app/ducts/ws/v1/{HttpHost.SessionId}\"", discovery, StringComparison.Ordinal);
        Assert.Contains("\"https://example.org/app/ducts/api/v1/event\"", discovery, StringComparison.Ordinal);
        Assert.Contains($"\"wss://example.org/app/ducts/ws/v1/{HttpHost.SessionId}\"", script, StringComparison.Ordinal);
        Assert.Contains("href=\"/app/ducts/libs/ducts.js\"", page, StringComparison.Ordinal);
        Assert.Contains("\"servers\":[{\"url\":\"/app\"}]", openApi, StringComparison.Ordinal);
        Assert.Contains("\r\nLocation: /app/static/\r\n", root, StringComparison.Ordinal);
        Assert.Contains("\r\nLocation: https://example.org/app/static/sub/\r\n", folder, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.net")]
    [InlineData("/\\evil.net")]
    [InlineData("https://evil.net")]
    [InlineData("app")]
    [InlineData("/a/../b")]
    [InlineData("/a//b")]
    [InlineData("/%2f%2fevil.net")]
    [InlineData("/a?b")]
    [InlineData("/a\"><script>")]
    [InlineData("/")]
    [InlineData("")]
    public async Task A_prefix_that_is_no_plain_path_is_ignored(string prefix)
    {
        await using var host = await HttpHost.StartAsync(static options => options.Server.BehindNginx = true);
        host.Write("htdocs/index.html", "<p>index");

        var root = await RawHttp.GetAsync(host.Port, "/", $"X-Forwarded-Prefix: {prefix}");
        var discovery = await RawHttp.GetAsync(host.Port, "/ducts/wsd?uuid=1", $"X-Forwarded-Prefix: {prefix}");

        Assert.Contains("\r\nLocation: /static/\r\n", root, StringComparison.Ordinal);
        Assert.Contains($"\"ws://127.0.0.1:{host.Port}/ducts/ws/v1/", discovery, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "/mine, /app", "/app/static/")]
    [InlineData(false, "/app", "/static/")]
    public async Task Only_the_nearest_proxys_prefix_counts_and_nobodys_where_the_option_is_off(bool behindNginx, string prefix, string location)
    {
        await using var host = await HttpHost.StartAsync(options => options.Server.BehindNginx = behindNginx);
        host.Write("htdocs/index.html", "<p>index");
        Assert.Contains($"\r\nLocation: {location}\r\n", await RawHttp.GetAsync(host.Port, "/", $"X-Forwarded-Prefix: {prefix}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_access_log_of_the_guides_nginx_has_no_session_ids_and_no_prefix_of_a_client_passes()
    {
        await using var host = await HttpHost.StartAsync(static options => options.Server.BehindNginx = true);
        await using var nginx = await Nginx.StartAsync(host.Port);
        var secret = HttpHost.SessionId.Split('.')[0];

        await RawHttp.GetAsync(nginx.Port, $"/ducts/ws/v1/{HttpHost.SessionId}");
        await RawHttp.GetAsync(nginx.Port, $"/ducts/ws/v1/{HttpHost.SessionId}/reconnect?v=2");
        var discovery = await RawHttp.GetAsync(nginx.Port, "/ducts/wsd?uuid=1", "X-Forwarded-Prefix: /mine");

        Assert.DoesNotContain("/mine", discovery, StringComparison.Ordinal);
        await Until.TrueAsync(() => nginx.AccessLog.Contains("GET /ducts/wsd?uuid=1 HTTP/1.1", StringComparison.Ordinal));
        Assert.DoesNotContain(secret, nginx.AccessLog, StringComparison.Ordinal);
        Assert.Equal(2, nginx.AccessLog.Split("GET /ducts/ws/v1/- HTTP/1.1").Length - 1);
    }

    [Fact]
    public void A_proxy_that_is_no_network_is_told()
    {
        var problem = Assert.Single(ProxyNetwork.FindFaults(["10.0.0.0/8", "::1", "nginx.local"]));
        Assert.Contains("nginx.local", problem, StringComparison.Ordinal);
    }
}
