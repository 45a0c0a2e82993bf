using System.Net;
using System.Text.Json;
using Ducts.Handlers;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Server.Tests.Discovery;

public sealed class EndpointTests
{
    [Fact]
    public async Task The_event_map_is_below_the_API()
    {
        await using var host = await HttpHost.StartAsync();
        Assert.Equal("""{"ALIVE_MONITORING":0,"MY_SAMPLE_TEST":1000}""", await host.Client.GetStringAsync("/ducts/api/v1/event"));
    }

    [Fact]
    public async Task An_event_has_its_spec_with_arguments_and_result()
    {
        var spec = new HandlerSpec(1000, "SUM")
        {
            Description = "Adds",
            Arguments = [new("values", typeof(List<int>), true), new("scale", typeof(double?), false)],
            ResultType = typeof(Dictionary<string, long[]>),
        };
        await using var host = await HttpHost.StartAsync(snapshot: new HandlerSnapshot([spec], []));
        Assert.Equal(
            """{"id":1000,"key":"SUM","callback":false,"responsive":false,"description":"Adds","arguments":[{"name":"values","type":"List<int>","required":true},{"name":"scale","type":"double?","required":false}],"result":"Dictionary<string, long[]>"}""",
            await host.Client.GetStringAsync("/ducts/api/v1/event/1000"));
    }

    [Theory]
    [InlineData("99", HttpStatusCode.NotFound)]
    [InlineData("-1", HttpStatusCode.NotFound)]
    [InlineData("x", HttpStatusCode.BadRequest)]
    [InlineData("1.5", HttpStatusCode.BadRequest)]
    [InlineData("99999999999999999999", HttpStatusCode.BadRequest)]
    public async Task An_unknown_event_and_one_that_is_no_integer_are_problems(string id, HttpStatusCode expected)
    {
        await using var host = await HttpHost.StartAsync();
        using var answer = await host.Client.GetAsync("/ducts/api/v1/event/" + id);
        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal((int)expected, problem.RootElement.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task The_root_is_a_page_until_there_is_an_index_and_then_leads_there()
    {
        await using var host = await HttpHost.StartAsync();
        using var page = await host.Client.GetAsync("/");
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("/ducts/libs/events.json", html, StringComparison.Ordinal);
        Assert.DoesNotContain("{version}", html, StringComparison.Ordinal);

        host.Write("htdocs/index.html", "<p>hello");
        using var redirect = await host.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.Redirect, redirect.StatusCode);
        Assert.Equal("/static/", redirect.Headers.Location?.ToString());
    }

    [Fact]
    public async Task The_icon_is_an_icon()
    {
        await using var host = await HttpHost.StartAsync();
        var bytes = await host.Client.GetByteArrayAsync("/favicon.ico");
        Assert.Equal([0, 0, 1, 0], bytes[..4]);
    }

    [Fact]
    public async Task What_an_application_maps_itself_comes_first()
    {
        await using var host = await HttpHost.StartAsync(map: app => app.MapGet("/", () => "mine"));
        Assert.Equal("mine", await host.Client.GetStringAsync("/"));
    }

    [Fact]
    public async Task It_is_alive_before_it_is_ready()
    {
        await using var host = await HttpHost.StartAsync(snapshot: HandlerSnapshot.Empty);
        Assert.Equal("""{"status":"ok"}""", await host.Client.GetStringAsync("/healthz"));
        using var ready = await host.Client.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("handlers", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_not_ready_while_Redis_is_not_connected()
    {
        await using var host = await HttpHost.StartAsync();
        using var ready = await host.Client.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("Redis", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
