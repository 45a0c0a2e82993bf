using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ducts.Server.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Server.Tests.WebApis;

public sealed partial class ProblemTests
{
    private const string Root = "/ducts/api/v1/my_test_handler";

    [Theory]
    [InlineData("key", 404, "KeyError", "no such group")]
    [InlineData("argument", 400, "ValueError", "bad argument")]
    [InlineData("permission", 403, "PermissionError", "not yours")]
    [InlineData("timeout", 504, "TimeoutError", "too slow")]
    [InlineData("file", 404, "FileNotFoundError", "no such file")]
    [InlineData("not", 501, "NotImplementedError", "not here")]
    [InlineData("redis", 503, "ConnectionError", "gone")]
    [InlineData("redis_full", 503, "ConnectionError", "Redis refuses commands at the moment: OOM")]
    [InlineData("event", 403, "PermissionError", "said so")]
    public async Task What_may_be_shown_is_shown(string kind, int status, string error, string detail)
    {
        await using var host = await StartAsync();
        using var answer = await host.Client.GetAsync($"{Root}/fail/{kind}");
        var problem = await ProblemOf(answer, status);
        Assert.Equal(error, problem.GetProperty("error").GetString());
        Assert.Equal(detail, problem.GetProperty("detail").GetString());
        Assert.Equal("about:blank", problem.GetProperty("type").GetString());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.Equal(kind is "redis" or "redis_full", answer.Headers.RetryAfter is not null);
    }

    [Fact]
    public async Task What_may_hold_secrets_is_a_reference_that_the_log_has_too()
    {
        await using var host = await StartAsync();
        using var answer = await host.Client.GetAsync(Root + "/fail/other");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        var reference = (await ProblemOf(answer, 500)).GetProperty("reference").GetString()!;
        Assert.Matches("^[0-9a-f]{8}$", reference);
        Assert.Contains(host.Log, line => line.Contains(reference, StringComparison.Ordinal) && line.Contains("the secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Detailed_errors_shows_it()
    {
        await using var host = await StartAsync(options => options.Event.DetailedErrors = true);
        using var answer = await host.Client.GetAsync(Root + "/fail/other");
        Assert.Equal("the secret", (await ProblemOf(answer, 500)).GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("GET", "/nothing", null, null, 404)]
    [InlineData("GET", "/sum/1/x", null, null, 404)]
    [InlineData("DELETE", "/echo/a", null, null, 405)]
    [InlineData("POST", "/orders", "<order/>", "application/xml", 415)]
    [InlineData("POST", "/orders", "{\"id\":", "application/json", 400)]
    [InlineData("POST", "/orders", "{\"id\":\"x\"}", "application/json", 400)]
    [InlineData("POST", "/orders", "", "application/json", 400)]
    [InlineData("GET", "/sum/1/2?scale=x", null, null, 400)]
    [InlineData("GET", "/orders/1", null, null, 400)]
    public async Task Bad_requests_are_problems(string method, string path, string? body, string? type, int status)
    {
        await using var host = await StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), Root + path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, type!);
        using var answer = await host.Client.SendAsync(request);
        var problem = await ProblemOf(answer, status);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.False(problem.TryGetProperty("reference", out _));
        if (status == 405)
            Assert.Contains("GET", answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_applications_own_problem_details_are_asked_where_there_are_any(bool hasOwn)
    {
        await using var host = await HttpHost.StartAsync(
            snapshot: WebApiTests.Snapshot(new SampleHandler()),
            addServices: services => _ = hasOwn ? services.AddProblemDetails(options => options.CustomizeProblemDetails = context => context.ProblemDetails.Extensions["node"] = "a") : services);
        foreach (var path in (string[])[Root + "/fail/key", Root + "/nothing"])
        {
            using var answer = await host.Client.GetAsync(path);
            Assert.Equal(hasOwn, (await ProblemOf(answer, 404)).TryGetProperty("node", out _));
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, Root + "/fail/key");
        request.Headers.Add("Accept", "application/x-ndjson");
        using var other = await host.Client.SendAsync(request);
        Assert.Equal("no such group", (await ProblemOf(other, 404)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_bad_JSON_body_is_told_the_place()
    {
        await using var host = await StartAsync();
        using var answer = await host.Client.PostAsync(Root + "/orders", new StringContent("{\n\"id\": x}", Encoding.UTF8, "application/json"));
        Assert.Contains("Line 2, byte 7", (await ProblemOf(answer, 400)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_paths_below_the_API_are_problems_and_others_are_not_touched()
    {
        await using var host = await StartAsync();
        using var below = await host.Client.GetAsync("/ducts/api/v1/no_such_event/x");
        await ProblemOf(below, 404);
        using var other = await host.Client.GetAsync("/elsewhere");
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        Assert.Empty(await other.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_result_that_cannot_be_written_is_a_problem()
    {
        await using var host = await StartAsync();
        using var answer = await host.Client.GetAsync(Root + "/cycle/100");
        var problem = await ProblemOf(answer, 500);
        Assert.DoesNotContain("cycle was detected", problem.GetRawText(), StringComparison.Ordinal);
        // So long that some of it is on its way before it fails: nobody may take that for an answer.
        await Assert.ThrowsAsync<HttpRequestException>(() => host.Client.GetStringAsync(Root + "/cycle/100000"));
        Assert.Equal("first", await host.Client.GetStringAsync(Root + "/name"));
    }

    [Fact]
    public async Task A_sequence_that_fails_at_once_is_a_problem_and_one_that_fails_later_is_cut_off()
    {
        await using var host = await StartAsync();
        using var atOnce = await host.Client.GetAsync(Root + "/numbers/3?failAt=0");
        await ProblemOf(atOnce, 500);
        await Assert.ThrowsAsync<HttpRequestException>(() => host.Client.GetStringAsync(Root + "/numbers/3?failAt=2"));
        Assert.Contains(host.Log, line => Failed().IsMatch(line));
    }

    private static async Task<JsonElement> ProblemOf(HttpResponseMessage answer, int status)
    {
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        return problem;
    }

    private static Task<HttpHost> StartAsync(Action<DuctsOptions>? configure = null) =>
        HttpHost.StartAsync(configure, WebApiTests.Snapshot(new SampleHandler()));

    [GeneratedRegex("Error 6101 .*the secret of the sequence", RegexOptions.Singleline)]
    private static partial Regex Failed();
}
