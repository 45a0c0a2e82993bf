using System.Net;
using Ducts.Connections;
using Ducts.Server.Tests.WebApis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Ducts.Server.Tests.Discovery;

/// <summary>By which host names the server may be asked.</summary>
public sealed class HostTests
{
    [Theory]
    [InlineData("127.0.0.1:8080")]
    [InlineData("192.168.1.5")]
    [InlineData("[::1]:8080")]
    [InlineData("localhost:8080")]
    [InlineData("LOCALHOST")]
    [InlineData("app.localhost")]
    [InlineData("raspberry")]
    [InlineData("raspberry.local:8080")]
    [InlineData("nas.lan")]
    [InlineData("nas.home.arpa.")]
    [InlineData("build.internal")]
    [InlineData("")]
    public void In_a_private_network_a_name_that_no_stranger_can_own_is_allowed(string host) => Assert.True(IsAllowed(host, "192.168.1.77"));

    [Theory]
    [InlineData("evil.net")]
    [InlineData("evil.net:8080")]
    [InlineData("192.168.1.5.evil.net")]
    [InlineData("localhost.evil.net")]
    [InlineData("local.evil.net.")]
    [InlineData("7f000001.c0a80101.rbndr.us")]
    public void In_a_private_network_any_other_name_is_refused(string host)
    {
        foreach (var client in new[] { "127.0.0.1", "192.168.1.77", "10.0.0.1", "172.20.0.1", "::1", "fd00::5", "fe80::1", "::ffff:192.168.1.77", "100.100.1.1", "169.254.3.4" })
        {
            Assert.False(IsAllowed(host, client), client);
        }
    }

    [Theory]
    [InlineData("xn--bcher-kva..example")]
    [InlineData("..")]
    public async Task A_host_that_is_no_name_is_no_error_of_the_server(string name)
    {
        await using var host = await HttpHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ducts/wsd?uuid=1");
        request.Headers.TryAddWithoutValidation("Host", name);
        request.Headers.TryAddWithoutValidation("Origin", "http://evil.net");

        using var answer = await host.Client.SendAsync(request);

        Assert.InRange((int)answer.StatusCode, 200, 499);
    }

    [Fact]
    public void The_machines_own_name_is_allowed() => Assert.True(IsAllowed(Dns.GetHostName(), "127.0.0.1"));

    [Theory]
    [InlineData("203.0.113.9")]
    [InlineData("2001:db8::5")]
    [InlineData(null)]
    public void A_client_that_reaches_the_server_from_outside_may_use_any_name(string? client) => Assert.True(IsAllowed("ducts.example.org", client));

    [Fact]
    public void Over_TLS_and_behind_a_proxy_any_name_is_allowed()
    {
        Assert.True(IsAllowed("ducts.example.org", "192.168.1.77", scheme: "https"));
        Assert.True(IsAllowed("ducts.example.org", "192.168.1.77", configure: static options => options.Server.BehindNginx = true));
    }

    [Theory]
    [InlineData("ducts.example.org", "ducts.example.org:8080", true)]
    [InlineData("Ducts.Example.org.", "ducts.example.ORG", true)]
    [InlineData("ducts.example.org", "other.example.org", false)]
    [InlineData("ducts.example.org", "ducts.example.org.evil.net", false)]
    [InlineData("ducts.example.org", "192.0.2.1", false)]
    [InlineData("*.example.org", "a.b.example.org", true)]
    [InlineData("*.example.org", "example.org", false)]
    [InlineData("*.example.org", "evilexample.org", false)]
    [InlineData("bücher.example", "xn--bcher-kva.example", true)]
    [InlineData("192.0.2.1", "192.0.2.1:80", true)]
    [InlineData("2001:db8::1", "[2001:db8::1]:80", true)]
    [InlineData("*", "evil.net", true)]
    [InlineData("ducts.example.org", "", true)]
    public void With_a_list_only_what_it_names_is_allowed_wherever_the_client_is(string listed, string host, bool expected)
    {
        foreach (var client in new[] { "192.168.1.77", "203.0.113.9" })
        {
            Assert.Equal(expected, IsAllowed(host, client, "https", options => options.Auth.AllowedHosts = [listed]));
        }
    }

    [Theory]
    [InlineData("localhost:8080", "127.0.0.1", true)]
    [InlineData("127.0.0.1:8080", "127.0.0.1", true)]
    [InlineData("localhost", "203.0.113.9", false)]
    public void Beside_a_list_the_machine_itself_is_always_reached_by_localhost(string host, string client, bool expected) =>
        Assert.Equal(expected, IsAllowed(host, client, configure: static options => options.Auth.AllowedHosts = ["ducts.example.org"]));

    [Theory]
    [InlineData("/ducts/wsd?uuid=1", "application/json")]
    [InlineData("/ducts/main", "text/javascript")]
    [InlineData("/ducts/libs/ducts.js", "application/json")]
    [InlineData("/ducts/libs/events.json", "application/json")]
    [InlineData("/ducts/api/v1/event", "application/problem+json")]
    [InlineData("/ducts/api/v1/my_test_handler/name", "application/problem+json")]
    [InlineData("/ducts/api/openapi.json", "application/json")]
    [InlineData("/static/a.txt", "application/json")]
    [InlineData("/", "application/json")]
    public async Task A_page_whose_name_was_led_here_reads_nothing_and_is_told_the_option(string path, string contentType)
    {
        await using var host = await HttpHost.StartAsync(snapshot: WebApiTests.Snapshot(new SampleHandler()));
        host.Write("htdocs/a.txt", "secret");
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = $"evil.net:{host.Port}";

        using var answer = await host.Client.SendAsync(request);

        Assert.Equal((HttpStatusCode.Forbidden, contentType), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains("allowed_hosts", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(host.Issued);
        Assert.Single(host.Log, static line => line.StartsWith("Warning 6005", StringComparison.Ordinal) && line.Contains("evil.net", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Health_checks_answer_by_any_name()
    {
        await using var host = await HttpHost.StartAsync();
        Assert.StartsWith("HTTP/1.1 200", await RawHttp.GetAsync(host.Port, "/healthz", "Host: pod.cluster.example"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_proxy_the_forwarded_host_is_the_one_that_counts()
    {
        await using var host = await HttpHost.StartAsync(static options =>
        {
            options.Server.BehindNginx = true;
            options.Auth.AllowedHosts = ["ducts.example.org"];
        });

        var good = await RawHttp.GetAsync(host.Port, "/ducts/wsd?uuid=1", "Host: backend", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https", "X-Forwarded-Host: ducts.example.org");
        var wrong = await RawHttp.GetAsync(host.Port, "/ducts/wsd?uuid=1", "Host: ducts.example.org", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.net");

        Assert.StartsWith("HTTP/1.1 200", good, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403", wrong, StringComparison.Ordinal);
    }

    private static bool IsAllowed(string host, string? client, string scheme = "http", Action<DuctsOptions>? configure = null)
    {
        var options = new DuctsOptions();
        configure?.Invoke(options);
        var context = new DefaultHttpContext();
        context.Request.Scheme = scheme;
        context.Request.Host = new HostString(host);
        context.Connection.RemoteIpAddress = client is null ? null : IPAddress.Parse(client);
        return new HostPolicy(Options.Create(options)).IsAllowed(context);
    }
}
