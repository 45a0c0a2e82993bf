using System.Net;
using System.Text.Json;

namespace Ducts.Server.Tests.Discovery;

/// <summary>What a stranger can make service discovery write to Redis.</summary>
public sealed class DiscoveryLimitTests
{
    [Theory]
    [InlineData("/ducts/wsd?uuid=")]
    [InlineData("/ducts/main?callback=f&x=")]
    public async Task A_query_beyond_its_limit_gets_414_and_is_not_kept(string path)
    {
        await using var host = await HttpHost.StartAsync(static options => options.Auth.DiscoveryQueryLimit = 100);
        var query = path.Length - path.IndexOf('?', StringComparison.Ordinal);

        using var longest = await host.Client.GetAsync(path + new string('a', 100 - query));
        using var longer = await host.Client.GetAsync(path + new string('a', 101 - query));

        Assert.Equal(HttpStatusCode.OK, longest.StatusCode);
        Assert.Equal(HttpStatusCode.RequestUriTooLong, longer.StatusCode);
        using var error = JsonDocument.Parse(await longer.Content.ReadAsStringAsync());
        Assert.Equal("the query is longer than 100 bytes; see option discovery_query_limit", error.RootElement.GetProperty("error").GetString());
        Assert.True(longer.Headers.CacheControl?.NoStore);
        Assert.Single(host.Issued);
    }

    [Fact]
    public async Task A_query_of_two_kilobytes_is_kept_and_one_of_eight_is_not()
    {
        await using var host = await HttpHost.StartAsync();
        using var token = await host.Client.GetAsync("/ducts/wsd?uuid=" + new string('a', 2000));
        using var flood = await host.Client.GetAsync("/ducts/wsd?uuid=" + new string('a', 8000));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.RequestUriTooLong], [token.StatusCode, flood.StatusCode]);
    }

    [Fact]
    public async Task A_user_agent_is_kept_to_512_characters()
    {
        await using var host = await HttpHost.StartAsync();
        var answer = await RawHttp.GetAsync(host.Port, "/ducts/wsd?uuid=1", $"User-Agent: {new string('u', 20_000)}", "User-Agent: more");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal(new string('u', 512), Assert.Single(host.Issued).UserAgent);
    }

    [Fact]
    public async Task An_address_that_asks_too_often_gets_429_and_others_do_not()
    {
        await using var host = await StartAsync(burst: 3);
        for (var i = 0; i < 3; i++)
            Assert.StartsWith("HTTP/1.1 200", await AskAsync(host, "198.51.100.7"), StringComparison.Ordinal);

        foreach (var path in (string[])["/ducts/wsd?uuid=1", "/ducts/main"])
        {
            var refused = await AskAsync(host, "198.51.100.7", path);
            Assert.StartsWith("HTTP/1.1 429", refused, StringComparison.Ordinal);
            Assert.Matches("\r\nRetry-After: [1-6]?[0-9]\r\n", refused);
            Assert.Contains("too many service discoveries from your address", refused, StringComparison.Ordinal);
        }

        Assert.StartsWith("HTTP/1.1 200", await AskAsync(host, "198.51.100.8"), StringComparison.Ordinal);
        Assert.Equal(4, host.Issued.Count);
        // One line, however often it is refused.
        var line = Assert.Single(host.Log, static line => line.Contains("gets 429", StringComparison.Ordinal));
        Assert.Contains("Warning 6002 198.51.100.7 ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_anyway_costs_an_address_nothing()
    {
        await using var host = await StartAsync(burst: 1);
        for (var i = 0; i < 5; i++)
        {
            Assert.StartsWith("HTTP/1.1 403", await AskAsync(host, "198.51.100.7", "/ducts/wsd"), StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 414", await AskAsync(host, "198.51.100.7", "/ducts/wsd?uuid=" + new string('a', 3000)), StringComparison.Ordinal);
        }

        Assert.StartsWith("HTTP/1.1 200", await AskAsync(host, "198.51.100.7"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_of_one_IPv6_network_count_as_one()
    {
        await using var host = await StartAsync(burst: 2);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(host, "2001:db8:1:2::1"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(host, "2001:db8:1:2:ffff::2"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 429", await AskAsync(host, "2001:db8:1:2:8:8:8:8"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(host, "2001:db8:1:3::1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_IPv4_address_in_the_form_of_IPv6_is_the_same_client()
    {
        await using var host = await StartAsync(burst: 1);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(host, "198.51.100.7"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 429", await AskAsync(host, "::ffff:198.51.100.7"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(host, "::ffff:198.51.100.8"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forged_address_gains_nothing_and_the_log_names_the_option_for_proxies()
    {
        await using var host = await StartAsync(burst: 2, behindProxy: false);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(host, "198.51.100.7"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(host, "198.51.100.8"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 429", await AskAsync(host, "198.51.100.9"), StringComparison.Ordinal);
        Assert.Contains(host.Log, static line => line.Contains("Warning 6003 127.0.0.1 ", StringComparison.Ordinal) && line.Contains("set behind_nginx", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_office_behind_one_address_can_come_back_at_once()
    {
        await using var host = await HttpHost.StartAsync();
        for (var i = 0; i < 1000; i++)
        {
            using var answer = await host.Client.GetAsync("/ducts/wsd?uuid=1");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task The_limit_can_be_turned_off()
    {
        await using var host = await HttpHost.StartAsync(static options => (options.Limit.DiscoveryPerSecond, options.Limit.DiscoveryBurst) = (0, 1));
        for (var i = 0; i < 10; i++)
            await host.Client.GetStringAsync("/ducts/wsd?uuid=1");
    }

    private static Task<HttpHost> StartAsync(int burst, bool behindProxy = true) => HttpHost.StartAsync(options =>
    {
        options.Server.BehindNginx = behindProxy;
        // One a minute: no test takes so long that another is due.
        (options.Limit.DiscoveryPerSecond, options.Limit.DiscoveryBurst) = (1 / 60.0, burst);
    });

    private static Task<string> AskAsync(HttpHost host, string address, string path = "/ducts/wsd?uuid=1") =>
        RawHttp.GetAsync(host.Port, path, $"X-Forwarded-For: {(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address)}");
}
