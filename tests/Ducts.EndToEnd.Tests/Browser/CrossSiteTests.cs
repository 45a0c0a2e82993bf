using Ducts.EndToEnd.Processes;
using Microsoft.Playwright;

namespace Ducts.EndToEnd.Browser;

/// <summary>
/// What a real browser lets a page of another site do to a server. The names lead to this machine as a resolver that an
/// attacker owns would have it.
/// </summary>
public sealed class CrossSiteTests(Chromium chromium) : IAsyncLifetime
{
    private const string Handler = """
        public class Change : DuctsHandler
        {
            private int _changes;

            public int Handle() => _changes;

            [WebApi("POST", "/make")]
            public int Make() => ++_changes;
        }
        """;

    private readonly WorkingFolder _server = new();
    private readonly WorkingFolder _other = new();

    public async ValueTask InitializeAsync()
    {
        _server.Write("handler/evt_1000_change.cs", Handler);
        _server.Write("htdocs/blank.html", "<!doctype html><title>own</title><link rel=icon href='data:,'>");
        await _server.StartServerAsync();
        _other.Write("htdocs/blank.html", "<!doctype html><title>other</title><link rel=icon href='data:,'>");
        // The attacker's own server.
        _other.Write("config_server.ini", "[ducts.auth_config]\nallowed_hosts = [\"*\"]\n");
        await _other.StartServerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Theory]
    [InlineData("127.0.0.1", "strict-origin-when-cross-origin")]
    [InlineData("127.0.0.1", "no-referrer")]
    [InlineData("nas.lan", "strict-origin-when-cross-origin")]
    [InlineData("nas.lan", "no-referrer")]
    public async Task A_page_of_another_site_gets_no_session_by_a_script(string name, string referrerPolicy)
    {
        await using var page = await chromium.OpenAsync(Url("www.evil.example", _other, "static/blank.html"));

        Assert.Equal("refused", await LoadScriptAsync(page.Page, Url(name, _server, "ducts/main?callback=stolen"), referrerPolicy));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("nas.lan")]
    public async Task A_page_of_the_server_gets_one_by_each_of_its_names(string name)
    {
        await using var page = await chromium.OpenAsync(Url(name, _server, "static/blank.html"));

        Assert.Equal("called", await LoadScriptAsync(page.Page, Url(name, _server, "ducts/main?callback=stolen"), "strict-origin-when-cross-origin"));
        Assert.Equal("1 200", await page.Page.EvaluateAsync<string>("async url => { const answer = await fetch(url, { method: 'POST' }); return await answer.text() + ' ' + answer.status; }", Url(name, _server, "ducts/api/v1/change/make").AbsoluteUri));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("nas.lan")]
    public async Task A_page_of_another_site_changes_nothing(string name)
    {
        await using var page = await chromium.OpenAsync(Url("www.evil.example", _other, "static/blank.html"));
        var url = Url(name, _server, "ducts/api/v1/change/make").AbsoluteUri;

        // As a form does: no preflight asks first.
        await page.Page.EvaluateAsync("url => fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body: 'x' }).then(() => null)", url);

        var count = await _server.DuctsAsync("call", "CHANGE", "--url", _server.Address!.AbsoluteUri);
        Assert.Equal("0\n", count.Output);
    }

    [Fact]
    public async Task A_page_whose_own_name_was_led_to_the_server_reads_nothing()
    {
        await using var page = await chromium.OpenAsync(Url("www.evil.example", _server, "static/blank.html"));

        Assert.Contains("allowed_hosts", await page.Page.ContentAsync(), StringComparison.Ordinal);
        foreach (var path in new[] { "ducts/wsd?uuid=1", "ducts/api/v1/event", "ducts/libs/events.json" })
        {
            Assert.Equal(403, await page.Page.EvaluateAsync<int>("async url => (await fetch(url)).status", Url("www.evil.example", _server, path).AbsoluteUri));
        }
    }

    private static Uri Url(string name, WorkingFolder server, string path) => new($"http://{name}:{server.Address!.Port}/{path}");

    private static Task<string> LoadScriptAsync(IPage page, Uri url, string referrerPolicy) => page.EvaluateAsync<string>(
        """
        ([url, referrerPolicy]) => new Promise(resolve => {
          globalThis.stolen = () => resolve("called");
          const script = document.createElement("script");
          Object.assign(script, { src: url, referrerPolicy, onerror: () => resolve("refused") });
          document.head.append(script);
        })
        """,
        new[] { url.AbsoluteUri, referrerPolicy });
}
