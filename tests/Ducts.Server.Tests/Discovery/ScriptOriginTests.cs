using System.Net;
using System.Security.Claims;
using Ducts.Discovery;
using Ducts.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Server.Tests.Discovery;

/// <summary>Which pages may load service discovery as a script, which any page can put into itself.</summary>
public sealed class ScriptOriginTests
{
    private const string Listed = "https://listed.net";

    [Theory]
    [InlineData("same-origin", null, HttpStatusCode.OK)]
    [InlineData("none", null, HttpStatusCode.OK)]
    [InlineData("cross-site", null, HttpStatusCode.Forbidden)]
    [InlineData("same-site", null, HttpStatusCode.Forbidden)]
    [InlineData("cross-site", "https://evil.net/", HttpStatusCode.Forbidden)]
    [InlineData("cross-site", "https://listed.net/app/page?x=1", HttpStatusCode.OK)]
    [InlineData("same-site", "https://listed.net/", HttpStatusCode.OK)]
    [InlineData(null, "https://listed.net/app/", HttpStatusCode.OK)]
    [InlineData(null, "https://listed.net:8443/", HttpStatusCode.Forbidden)]
    [InlineData(null, "https://evil.net/", HttpStatusCode.Forbidden)]
    [InlineData(null, "https://listed.net.evil.net/", HttpStatusCode.Forbidden)]
    [InlineData(null, "https://evil.net/https://listed.net/", HttpStatusCode.Forbidden)]
    [InlineData(null, "nonsense", HttpStatusCode.Forbidden)]
    [InlineData(null, "http://{own}/page.html", HttpStatusCode.OK)]
    public async Task Only_pages_of_the_same_and_of_listed_origins_get_a_session(string? site, string? referer, HttpStatusCode expected)
    {
        await using var host = await HttpHost.StartAsync(static options => options.Auth.AllowedOrigins = [Listed]);

        using var answer = await AskAsync(host, ("Sec-Fetch-Site", site), ("Referer", referer?.Replace("{own}", $"127.0.0.1:{host.Port}", StringComparison.Ordinal)));

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK ? 1 : 0, host.Issued.Count);
    }

    [Theory]
    [InlineData("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36")]
    [InlineData("Accept-Language", "de")]
    public async Task A_browser_that_says_nothing_of_the_page_gets_none_and_a_program_does(string header, string value)
    {
        await using var host = await HttpHost.StartAsync();

        using var browser = await AskAsync(host, (header, value));
        using var program = await AskAsync(host, ("User-Agent", "curl/8.5.0"));

        using var node = await AskAsync(host, ("User-Agent", "node"), ("Accept-Language", "*"));

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.OK), (browser.StatusCode, program.StatusCode, node.StatusCode));
    }

    [Fact]
    public async Task A_refusal_is_a_script_that_does_no_harm_and_says_what_to_do()
    {
        await using var host = await HttpHost.StartAsync();

        using var answer = await AskAsync(host, ("Sec-Fetch-Site", "cross-site"), ("Referer", "https://evil.net/</script>"));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("text/javascript", answer.Content.Headers.ContentType?.MediaType);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Equal(
            """console.error("Ducts: A page of this origin may not load this script; see option allowed_origins.");""",
            (await answer.Content.ReadAsStringAsync()).Trim());
    }

    [Fact]
    public async Task Where_any_origin_is_allowed_any_page_gets_one()
    {
        await using var host = await HttpHost.StartAsync(static options => options.Auth.AllowedOrigins = ["*"]);

        using var answer = await AskAsync(host, ("Sec-Fetch-Site", "cross-site"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("/ducts/wsd?uuid=1", true)]
    [InlineData("/ducts/main", false)]
    public async Task A_session_by_script_is_issued_without_a_user(string path, bool hasUser)
    {
        bool? seen = null;
        await using var host = await HttpHost.StartAsync(
            addServices: services => services.AddHttpContextAccessor().AddSingleton<SessionIssuer>(provider => (_, _) =>
            {
                seen = provider.GetRequiredService<IHttpContextAccessor>().HttpContext!.User.Identity!.IsAuthenticated;
                return ValueTask.FromResult(new IssuedTicket(HttpHost.SessionId, HttpHost.SessionKey));
            }),
            map: static app => app.Use(static (context, next) =>
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "ada")], "cookie"));
                return next(context);
            }));

        using var answer = await host.Client.GetAsync(path);

        Assert.Equal((HttpStatusCode.OK, hasUser), (answer.StatusCode, seen));
    }

    private static Task<HttpResponseMessage> AskAsync(HttpHost host, params (string Name, string? Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/ducts/main?callback=f");
        foreach (var (name, value) in headers)
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return host.Client.SendAsync(request);
    }
}
