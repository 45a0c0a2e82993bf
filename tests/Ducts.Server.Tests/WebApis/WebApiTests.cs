using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Ducts.Dispatch;
using Ducts.Handlers;
using Ducts.Server.Tests.Discovery;
using Ducts.WebApis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Server.Tests.WebApis;

[Collection(Ducts.Tests.Support.Alone.Name)]
public sealed class WebApiTests
{
    private const string Root = "/ducts/api/v1/my_test_handler";

    [Theory]
    [InlineData("GET", "/echo/hello%20w%C3%B6rld", "hello wörld")]
    [InlineData("GET", "/name", "first")]
    [InlineData("GET", "/sum/1/2", "3")]
    [InlineData("GET", "/sum/1/2?scale=10", "30")]
    [InlineData("POST", "/add/1/2", "3")]
    [InlineData("GET", "/files/a/b/c.txt", "a/b/c.txt")]
    [InlineData("GET", "/any", "GET")]
    [InlineData("PATCH", "/any", "PATCH")]
    [InlineData("PURGE", "/any", "PURGE")]
    [InlineData("GET", "/static", "static")]
    [InlineData("GET", "/shape", """{"$type":"circle","radius":2}""")]
    [InlineData("GET", "/nothing_to_say", "")]
    public async Task Methods_answer_at_their_paths(string method, string path, string expected)
    {
        await using var host = await StartAsync();
        using var answer = await host.Client.SendAsync(new(new HttpMethod(method), Root + path));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(expected, await answer.Content.ReadAsStringAsync());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Bodies_headers_and_services_are_bound_and_enums_go_by_name()
    {
        await using var host = await StartAsync();
        using var created = await host.Client.PostAsync(Root + "/orders", Json("""{"id":7,"text":"t","colour":"Green"}"""));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/orders/7", created.Headers.Location?.ToString());

        using var request = new HttpRequestMessage(HttpMethod.Get, Root + "/orders/8");
        request.Headers.Add("X-Colour", "Green");
        using var order = await host.Client.SendAsync(request);
        using var json = JsonDocument.Parse(await order.Content.ReadAsStringAsync());
        Assert.Equal("Green", json.RootElement.GetProperty("colour").GetString());
        Assert.Equal("é", json.RootElement.GetProperty("text").GetString());
        Assert.Equal("SystemTimeProvider", await host.Client.GetStringAsync(Root + "/service"));
    }

    [Fact]
    public async Task HEAD_comes_with_GET()
    {
        await using var host = await StartAsync();
        using var head = await host.Client.SendAsync(new(HttpMethod.Head, Root + "/stream"));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(10, head.Content.Headers.ContentLength);
        using var sequence = await host.Client.SendAsync(new(HttpMethod.Head, Root + "/numbers/3"));
        Assert.Equal("application/json", sequence.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Bytes_are_bytes_and_seekable_ones_have_ranges()
    {
        await using var host = await StartAsync();
        using var bytes = await host.Client.GetAsync(Root + "/bytes");
        Assert.Equal("application/octet-stream", bytes.Content.Headers.ContentType?.MediaType);
        Assert.Equal([1, 2, 3], await bytes.Content.ReadAsByteArrayAsync());
        Assert.Equal([4, 5], await host.Client.GetByteArrayAsync(Root + "/memory"));
        using var request = new HttpRequestMessage(HttpMethod.Get, Root + "/stream");
        request.Headers.Range = new RangeHeaderValue(3, 5);
        using var part = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal("345", await part.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(0, "[]", "")]
    [InlineData(2, """[{"id":0,"text":"n","colour":"Green"},{"id":1,"text":"n","colour":"Green"}]""", """{"id":0,"text":"n","colour":"Green"}|{"id":1,"text":"n","colour":"Green"}|""")]
    public async Task A_sequence_is_an_array_or_one_text_a_line(int count, string array, string lines)
    {
        await using var host = await StartAsync();
        Assert.Equal(array, await host.Client.GetStringAsync($"{Root}/numbers/{count}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Root}/numbers/{count}");
        request.Headers.Accept.ParseAdd("application/x-ndjson, */*;q=0.1");
        using var answer = await host.Client.SendAsync(request);
        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(lines.Replace('|', '\n'), await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_refused_type_is_not_sent()
    {
        await using var host = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, Root + "/numbers/1");
        request.Headers.Accept.ParseAdd("application/x-ndjson;q=0, application/json");
        using var answer = await host.Client.SendAsync(request);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Items_arrive_while_the_sequence_waits()
    {
        var handler = new SampleHandler();
        await using var host = await StartAsync(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, Root + "/held");
        request.Headers.Accept.ParseAdd("application/x-ndjson");
        using var answer = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal("1", await reader.ReadLineAsync());
        handler.Held.SetResult();
        Assert.Equal("2", await reader.ReadLineAsync());
        Assert.Null(await reader.ReadLineAsync());
    }

    [Fact]
    public async Task A_gigabyte_goes_in_and_out_without_being_held()
    {
        const long Size = 1L << 30;
        await using var host = await StartAsync();
        // Of this process, which keeps what other tests have pooled: what counts is what comes on top while the bytes flow.
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = before;
        void Measure(long done)
        {
            if (done % (Size / 16) < 1 << 16)
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
        }

        using var upload = await host.Client.PutAsync(Root + "/upload", new StreamContent(new ZeroStream(Size) { Reading = Measure }, 1 << 16));
        Assert.Equal(Size.ToString(System.Globalization.CultureInfo.InvariantCulture), await upload.Content.ReadAsStringAsync());

        using var download = await host.Client.GetAsync($"{Root}/pieces/{Size >> 16}", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await download.Content.ReadAsStreamAsync();
        var buffer = new byte[1 << 16];
        var total = 0L;
        while (await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false) is > 0 and var count)
            Measure(total += count);
        Assert.Equal(Size, total);
        Assert.InRange(most - before, 0, 100L << 20);
    }

    [Fact]
    public async Task After_a_swap_new_requests_see_the_new_handler_and_running_ones_end_on_the_old()
    {
        var old = new SampleHandler();
        await using var host = await StartAsync(old);
        using var running = await host.Client.GetAsync(Root + "/held", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("first", await host.Client.GetStringAsync(Root + "/name"));
        host.Registry.Swap(Snapshot(new SampleHandler("second")));
        Assert.Equal("second", await host.Client.GetStringAsync(Root + "/name"));
        old.Held.SetResult();
        Assert.Equal("[1,2]", await running.Content.ReadAsStringAsync());
        host.Registry.Swap(HandlerSnapshot.Empty);
        using var gone = await host.Client.GetAsync(Root + "/name");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task A_request_that_was_routed_to_handlers_that_have_ended_meanwhile_is_answered_by_those_that_replaced_them()
    {
        var old = new SampleHandler();
        var generation = new HandlerGeneration();
        var generations = new Dictionary<DuctsHandler, HandlerGeneration> { [old] = generation };
        await using var host = await HttpHost.StartAsync(snapshot: new HandlerSnapshot([], [old]) { Generations = generations });
        var routed = host.Services.GetRequiredService<WebApiEndpointDataSource>().Endpoints
            .OfType<RouteEndpoint>().Single(static endpoint => endpoint.RoutePattern.RawText!.EndsWith("/name", StringComparison.Ordinal));
        host.Registry.Swap(Snapshot(new SampleHandler("second")));
        await generation.Retire();
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = host.Services, Response = { Body = body } };

        await routed.RequestDelegate!(context);

        Assert.Equal("second", Encoding.UTF8.GetString(body.ToArray()));
        host.Registry.Swap(HandlerSnapshot.Empty);
        await routed.RequestDelegate!(context);
        Assert.Equal(StatusCodes.Status404NotFound, context.Response.StatusCode);
    }

    internal static HandlerSnapshot Snapshot(params DuctsHandler[] handlers) =>
        new([new HandlerSpec(1000, "MY_TEST_HANDLER") { Description = "Tests all kinds" }], handlers);

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static Task<HttpHost> StartAsync(SampleHandler? handler = null) => HttpHost.StartAsync(snapshot: Snapshot(handler ?? new SampleHandler()));
}
