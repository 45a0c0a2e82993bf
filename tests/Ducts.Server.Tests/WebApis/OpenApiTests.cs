using System.Text.Json;
using Ducts.Handlers;
using Ducts.Server.Tests.Discovery;
using Microsoft.OpenApi;

namespace Ducts.Server.Tests.WebApis;

public sealed class OpenApiTests
{
    private const string Root = "/ducts/api/v1/my_test_handler";

    [Fact]
    public async Task The_document_names_every_endpoint()
    {
        await using var host = await HttpHost.StartAsync(snapshot: WebApiTests.Snapshot(new SampleHandler()));
        using var document = JsonDocument.Parse(await host.Client.GetStringAsync("/ducts/api/openapi.json"));
        Assert.StartsWith("3.1", document.RootElement.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var operations = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name} {path.Name}"))
            .ToHashSet();
        string[] expected =
        [
            "get /echo/{msg}", "get /name", "get /sum/{a}/{b}", "post /add/{a}/{b}", "get /files/{path}", "get /any", "post /any",
            "put /any", "patch /any", "delete /any", "post /orders", "get /orders/{id}", "get /service", "get /static", "get /bytes",
            "get /memory", "get /stream", "get /pieces/{count}", "get /numbers/{count}", "get /held", "put /upload", "get /fail/{kind}",
            "get /cycle/{size}", "get /described", "get /shape", "get /nothing_to_say",
        ];
        Assert.Equal(expected.Select(operation => operation.Replace(" ", " " + Root, StringComparison.Ordinal)).Order(), operations.Order());
    }

    [Fact]
    public async Task The_document_is_valid()
    {
        await using var host = await HttpHost.StartAsync(snapshot: WebApiTests.Snapshot(new SampleHandler()));
        var read = OpenApiDocument.Parse(await host.Client.GetStringAsync("/ducts/api/openapi.json"), OpenApiConstants.Json);
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.NotEmpty(read.Document!.Paths);
    }

    [Fact]
    public async Task Operations_have_parameters_bodies_results_and_texts()
    {
        await using var host = await HttpHost.StartAsync(snapshot: WebApiTests.Snapshot(new SampleHandler()));
        using var document = JsonDocument.Parse(await host.Client.GetStringAsync("/ducts/api/openapi.json"));
        var paths = document.RootElement.GetProperty("paths");

        var sum = paths.GetProperty(Root + "/sum/{a}/{b}").GetProperty("get");
        Assert.Equal(["a path", "b path", "scale query"], sum.GetProperty("parameters").EnumerateArray().Select(parameter => $"{parameter.GetProperty("name")} {parameter.GetProperty("in")}"));
        Assert.Equal("Tests all kinds", sum.GetProperty("description").GetString());
        Assert.Equal("MY_TEST_HANDLER", sum.GetProperty("tags")[0].GetString());
        Assert.Equal("MY_TEST_HANDLER.Sum", sum.GetProperty("operationId").GetString());

        var add = paths.GetProperty(Root + "/orders").GetProperty("post");
        Assert.True(add.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out _));
        Assert.True(add.GetProperty("responses").TryGetProperty("201", out _));
        Assert.Contains("Green", document.RootElement.GetProperty("components").GetRawText(), StringComparison.Ordinal);

        var numbers = paths.GetProperty(Root + "/numbers/{count}").GetProperty("get").GetProperty("responses").GetProperty("200").GetProperty("content");
        Assert.Equal(["application/json", "application/x-ndjson"], numbers.EnumerateObject().Select(type => type.Name));
        var bytes = paths.GetProperty(Root + "/bytes").GetProperty("get").GetProperty("responses").GetProperty("200").GetProperty("content");
        Assert.Equal("application/octet-stream", Assert.Single(bytes.EnumerateObject()).Name);

        var described = paths.GetProperty(Root + "/described").GetProperty("get");
        Assert.Equal("Summed up", described.GetProperty("summary").GetString());
        Assert.Equal("Described", described.GetProperty("description").GetString());
        Assert.Equal(["200", "404"], described.GetProperty("responses").EnumerateObject().Select(response => response.Name));
    }

    [Fact]
    public async Task It_follows_the_handlers_and_is_empty_without_any()
    {
        await using var host = await HttpHost.StartAsync();
        using var empty = JsonDocument.Parse(await host.Client.GetStringAsync("/ducts/api/openapi.json"));
        Assert.Empty(empty.RootElement.GetProperty("paths").EnumerateObject());
        host.Registry.Swap(WebApiTests.Snapshot(new SampleHandler()));
        Assert.Contains("/echo/{msg}", await host.Client.GetStringAsync("/ducts/api/openapi.json"), StringComparison.Ordinal);
        host.Registry.Swap(HandlerSnapshot.Empty);
        Assert.DoesNotContain("/echo/", await host.Client.GetStringAsync("/ducts/api/openapi.json"), StringComparison.Ordinal);
    }
}
