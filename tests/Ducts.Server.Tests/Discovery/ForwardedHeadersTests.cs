using System.Net;
using System.Text.Json;
using Ducts.Configuration;

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
    public void A_proxy_that_is_no_network_is_told()
    {
        var problem = Assert.Single(ProxyNetwork.FindFaults(["10.0.0.0/8", "::1", "nginx.local"]));
        Assert.Contains("nginx.local", problem, StringComparison.Ordinal);
    }
}
