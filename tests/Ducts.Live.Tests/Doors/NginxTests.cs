using System.Text.Json;
using Ducts.Client;
using Ducts.Live.Hosting;
using Ducts.Server.Tests.Discovery;

namespace Ducts.Live.Doors;

/// <summary>A real nginx in front, configured as docs/guide/behind-nginx.md says.</summary>
public class NginxTests
{
    private const string PublicHost = "ducts.example:8443";

    private const string WhoFile = """
        public class Who : DuctsHandler
        {
            public string Handle(IEventSession session) => session.RemoteIpAddress.ToString();

            [WebApi("GET", "address")]
            public string Address(HttpContext context) => $"{context.Request.Scheme} {context.Request.Host} {context.Connection.RemoteIpAddress}";
        }
        """;

    [Fact]
    public async Task Discovery_names_the_public_host_and_wss_and_sockets_pass()
    {
        await using var server = await StartAsync();
        await using var nginx = await Nginx.StartAsync(server.Port);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{nginx.Port}/ducts/wsd?uuid=test");
        request.Headers.Host = PublicHost;

        using var answer = await server.Http.SendAsync(request);
        using var discovery = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var url = new Uri(discovery.RootElement.GetProperty("websocket_url").GetString()!);

        Assert.Equal("wss", url.Scheme);
        Assert.Equal(PublicHost, url.Authority);
        Assert.Equal(PublicHost, discovery.RootElement.GetProperty("websocket_host").GetString());
        // The public name leads here, as a resolver and the TLS in front would have it.
        Assert.Equal("127.0.0.1", await AskAsync(nginx, forged: null));
    }

    [Fact]
    public async Task A_clients_own_X_Forwarded_For_is_not_believed_through_nginx_nor_past_it()
    {
        await using var server = await StartAsync();
        await using var nginx = await Nginx.StartAsync(server.Port);

        Assert.Equal("127.0.0.1", await AskAsync(nginx, forged: "203.0.113.9"));
        Assert.EndsWith(" 127.0.0.1", await AddressAsync(server, nginx.Port, "203.0.113.9"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_proxy_says_that_is_not_trusted_is_not_believed()
    {
        await using var server = await StartAsync("10.0.3.7/32");
        await using var nginx = await Nginx.StartAsync(server.Port);

        Assert.Equal($"http 127.0.0.1 127.0.0.1", await AddressAsync(server, nginx.Port, "203.0.113.9"));
    }

    private static async Task<LiveServer> StartAsync(string? trusted = null)
    {
        var server = new LiveServer();
        server.Write("evt_1000_who.cs", WhoFile);
        await server.StartAsync(options =>
        {
            options.Server.BehindNginx = true;
            if (trusted is not null)
                options.Server.TrustedProxies = [trusted];
        });
        return server;
    }

    private static async Task<string?> AskAsync(Nginx nginx, string? forged)
    {
        using var handler = new ThroughNginx(nginx.Port);
        var options = new DuctsClientOptions { HttpHandler = handler };
        if (forged is not null)
            options.Headers["X-Forwarded-For"] = forged;
        await using var client = await DuctsClient.ConnectAsync(new Uri($"http://{PublicHost}/ducts/wsd"), options);
        return await client.CallAsync<string>("WHO");
    }

    private static async Task<string> AddressAsync(LiveServer server, int port, string forged)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/ducts/api/v1/who/address");
        request.Headers.Host = "127.0.0.1";
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", forged);
        using var answer = await server.Http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }
}
