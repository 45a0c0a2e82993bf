using System.Net;
using System.Text.Json;
using Ducts.Handlers;
using Ducts.Redis;
using Microsoft.Extensions.Options;

namespace Ducts.Server.Tests.Discovery;

public sealed class ServiceDiscoveryTests
{
    [Fact]
    public async Task It_answers_with_all_fields_in_order()
    {
        await using var host = await HttpHost.StartAsync();
        using var answer = await host.Client.GetAsync("/ducts/wsd?uuid=test");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        var own = $"127.0.0.1:{host.Port}";
        Assert.Equal(
            $$$"""{"websocket_host":"{{{own}}}","websocket_url":"ws://{{{own}}}/ducts/ws/v1/{{{HttpHost.SessionId}}}","websocket_url_reconnect":"ws://{{{own}}}/ducts/ws/v1/{{{HttpHost.SessionId}}}/reconnect","api_host":"{{{own}}}","api_url_root":"http://{{{own}}}/ducts/api/v1/","api_url_event":"http://{{{own}}}/ducts/api/v1/event","EVENT":{"ALIVE_MONITORING":0,"MY_SAMPLE_TEST":1000},"max_message_size":8388608,"session_key":"{{{HttpHost.SessionKey}}}","inbox_limit":16777216,"receipt_bytes":262144,"alive_monitoring_interval":5}""",
            await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/ducts/wsd", HttpStatusCode.Forbidden)]
    [InlineData("/ducts/wsd?id=1", HttpStatusCode.Forbidden)]
    [InlineData("/ducts/wsd?uuid=", HttpStatusCode.OK)]
    [InlineData("/ducts/wsd?ts=1", HttpStatusCode.OK)]
    public async Task It_wants_a_uuid_or_a_ts(string path, HttpStatusCode expected)
    {
        await using var host = await HttpHost.StartAsync();
        using var answer = await host.Client.GetAsync(path);
        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK ? 1 : 0, host.Issued.Count);
    }

    [Fact]
    public async Task All_query_parameters_the_address_and_the_agent_go_with_the_session()
    {
        await using var host = await HttpHost.StartAsync();
        host.Client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "agent/1 (X11)");
        await host.Client.GetStringAsync("/ducts/wsd?uuid=u&room=5&room=6&evil=a%0d%0aSet-Cookie:%20x");
        var session = Assert.Single(host.Issued);
        Assert.Equal(IPAddress.Loopback, session.Address);
        Assert.NotEqual(0, session.Port);
        Assert.Equal("agent/1 (X11)", session.UserAgent);
        Assert.Equal(
            ["uuid=u", "room=5", "room=6", "evil=a\r\nSet-Cookie: x"],
            session.Query.Select(pair => $"{pair.Key}={pair.Value}"));
    }

    [Fact]
    public async Task A_query_parameter_cannot_bring_a_header_into_the_answer()
    {
        await using var host = await HttpHost.StartAsync();
        using var answer = await host.Client.GetAsync("/ducts/wsd?uuid=a%0d%0aSet-Cookie:%20x=1&%0d%0aX-Evil:%201=2");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.False(answer.Headers.Contains("X-Evil"));
    }

    [Fact]
    public async Task Templates_may_name_options_of_the_server()
    {
        await using var host = await HttpHost.StartAsync(options =>
        {
            options.Server.RootPathDucts = "//d//";
            options.Server.RelativePathWebsocket = "/ws///";
            options.Server.RelativePathApi = "api";
            options.WebServiceDiscovery.WebsocketHost = "{{{httpd_addr}}}";
            options.WebServiceDiscovery.ApiHost = "{local_path_static} {behind_nginx}";
        });
        using var wsd = JsonDocument.Parse(await host.Client.GetStringAsync("/d/wsd?uuid=1"));
        Assert.Equal("{0.0.0.0}", wsd.RootElement.GetProperty("websocket_host").GetString());
        Assert.Equal("htdocs False", wsd.RootElement.GetProperty("api_host").GetString());
        Assert.Equal($"ws://127.0.0.1:{host.Port}/d/ws/{HttpHost.SessionId}", wsd.RootElement.GetProperty("websocket_url").GetString());
        Assert.Equal($"http://127.0.0.1:{host.Port}/d/api/", wsd.RootElement.GetProperty("api_url_root").GetString());
    }

    [Theory]
    [InlineData("{nobody_knows}", "nobody_knows")]
    [InlineData("ws://{ws_host", "never closed")]
    [InlineData("ws_host}", "closes nothing")]
    public async Task A_bad_template_is_refused_at_start(string template, string reason)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => HttpHost.StartAsync(options => options.WebServiceDiscovery.WebsocketUrl = template));
        Assert.Contains("websocket_url", failure.Message, StringComparison.Ordinal);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ducts/wsd?uuid=1")]
    [InlineData("/ducts/main?callback=f")]
    public async Task Without_Redis_the_answer_is_503_and_when_to_come_back(string path)
    {
        await using var host = await HttpHost.StartAsync();
        host.IssueFailure = new RedisUnavailableException("nobody listens");
        using var answer = await host.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        using var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Contains("Redis", error.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_reload_the_new_events_are_listed()
    {
        await using var host = await HttpHost.StartAsync();
        await host.Client.GetStringAsync("/ducts/wsd?uuid=1");
        host.Registry.Swap(new HandlerSnapshot([new HandlerSpec(1001, "NEW")], []));
        Assert.Contains("\"EVENT\":{\"NEW\":1001}", await host.Client.GetStringAsync("/ducts/wsd?uuid=1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_GET_is_answered()
    {
        await using var host = await HttpHost.StartAsync();
        using var answer = await host.Client.PostAsync("/ducts/wsd?uuid=1", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }
}
