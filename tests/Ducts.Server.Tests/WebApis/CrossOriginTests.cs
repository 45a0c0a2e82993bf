using System.Net;
using System.Security.Claims;
using Ducts.Server.Tests.Discovery;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Server.Tests.WebApis;

/// <summary>Which pages may change something by a Web API.</summary>
public sealed class CrossOriginTests
{
    private const string Add = "/ducts/api/v1/my_test_handler/add/1/2";
    private const string Any = "/ducts/api/v1/my_test_handler/any";

    [Theory]
    [InlineData(null, null, HttpStatusCode.OK)]
    [InlineData("http://{own}", null, HttpStatusCode.OK)]
    [InlineData("https://listed.net", null, HttpStatusCode.OK)]
    [InlineData("https://listed.net", "cross-site", HttpStatusCode.OK)]
    [InlineData("https://evil.net", null, HttpStatusCode.Forbidden)]
    [InlineData("https://evil.net", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("http://{own}.evil.net", null, HttpStatusCode.Forbidden)]
    [InlineData("null", null, HttpStatusCode.Forbidden)]
    [InlineData(null, "cross-site", HttpStatusCode.Forbidden)]
    [InlineData(null, "same-site", HttpStatusCode.Forbidden)]
    [InlineData(null, "same-origin", HttpStatusCode.OK)]
    [InlineData("https://public.name", "same-origin", HttpStatusCode.OK)]
    [InlineData(null, "none", HttpStatusCode.OK)]
    public async Task A_change_is_made_for_pages_of_the_same_and_of_listed_origins_and_for_programs(string? origin, string? site, HttpStatusCode expected)
    {
        await using var host = await StartAsync("https://listed.net");

        using var answer = await SendAsync(host, HttpMethod.Post, Add, origin, site);

        Assert.Equal(expected, answer.StatusCode);
        if (expected == HttpStatusCode.Forbidden)
        {
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            Assert.Contains("allowed_origins", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("PUT", HttpStatusCode.Forbidden)]
    [InlineData("DELETE", HttpStatusCode.Forbidden)]
    [InlineData("PATCH", HttpStatusCode.Forbidden)]
    [InlineData("MAKE", HttpStatusCode.Forbidden)]
    [InlineData("GET", HttpStatusCode.OK)]
    [InlineData("HEAD", HttpStatusCode.OK)]
    public async Task Every_method_but_those_that_only_read_counts_as_a_change(string method, HttpStatusCode expected)
    {
        await using var host = await StartAsync();

        using var answer = await SendAsync(host, new HttpMethod(method), Any, "https://evil.net", "cross-site");

        Assert.Equal(expected, answer.StatusCode);
    }

    [Theory]
    [InlineData(null, null, HttpStatusCode.OK, "")]
    [InlineData("user=ada", null, HttpStatusCode.Forbidden, null)]
    [InlineData("other=1", null, HttpStatusCode.OK, "")]
    [InlineData("user=ada", "Bearer t", HttpStatusCode.OK, "")]
    public async Task A_star_admits_changes_but_none_for_the_user_of_a_cookie(string? cookie, string? authorization, HttpStatusCode expected, string? cookiesSeen)
    {
        await using var host = await StartAsync("*");

        using var answer = await SendAsync(host, HttpMethod.Post, "/ducts/api/v1/cookies/seen", "https://any.net", "cross-site", cookie, authorization);

        Assert.Equal(expected, answer.StatusCode);
        if (cookiesSeen is not null)
        {
            Assert.Equal(cookiesSeen, await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Beside_a_star_a_listed_origin_acts_for_the_user()
    {
        await using var host = await StartAsync("*", "https://listed.net");

        using var answer = await SendAsync(host, HttpMethod.Post, "/ducts/api/v1/cookies/seen", "https://listed.net", "cross-site", "user=ada");

        Assert.Equal("user=ada", await answer.Content.ReadAsStringAsync());
    }

    private static Task<HttpHost> StartAsync(params string[] origins) => HttpHost.StartAsync(
        options => options.Auth.AllowedOrigins = [.. origins],
        WebApiTests.Snapshot(new SampleHandler(), new Cookies()),
        map: static app => app.Use(static (context, next) =>
        {
            if (context.Request.Cookies["user"] is { } name)
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "cookie"));
            }

            return next(context);
        }));

    private static Task<HttpResponseMessage> SendAsync(HttpHost host, HttpMethod method, string path, string? origin, string? site, string? cookie = null, string? authorization = null)
    {
        var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in new[] { ("Origin", origin?.Replace("{own}", $"127.0.0.1:{host.Port}", StringComparison.Ordinal)), ("Sec-Fetch-Site", site), ("Cookie", cookie), ("Authorization", authorization) })
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return host.Client.SendAsync(request);
    }

    [Event(1001, "COOKIES")]
    internal sealed class Cookies : DuctsHandler
    {
        [WebApi("POST", "/seen")]
        public string Seen(Microsoft.AspNetCore.Http.HttpContext context) => context.Request.Headers.Cookie.ToString();
    }
}
