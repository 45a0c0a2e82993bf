using Ducts.EndToEnd.Clients;
using Ducts.EndToEnd.Processes;
using Microsoft.Playwright;

namespace Ducts.EndToEnd.Browser;

/// <summary>Pages that were written for the original, with npm's browser bundle and with the library that the server has in its place.</summary>
public sealed class FieldPageTests(HandlerServer server, Chromium chromium)
{
    [Theory]
    [InlineData("npm")]
    [InlineData("server")]
    public async Task A_page_of_the_field_works_as_it_is(string library)
    {
        await using var page = await chromium.OpenAsync(new Uri(server.Address, "static/blank.html"));
        var script = library == "npm"
            ? new PageAddScriptTagOptions { Path = await NodePackages.BrowserBundleAsync() }
            : new PageAddScriptTagOptions { Url = "/ducts/libs/ducts.js" };
        await page.Page.AddScriptTagAsync(script);
        var result = await page.Page.EvaluateAsync<string>(await File.ReadAllTextAsync(Repository.OwnPath("Pages/field.js")));
        Assert.Equal(
            """
            {"state":1,
            "echo":{"text":"grüße 🎈","list":[1,-1,1.5,true,null]},
            "overlong":"String U+0500 U+0561 U+07FF",
            "nan":"Float NaN",
            "seen":[[-1010,"ValueError('seen')"]],
            "ten":[1,2,3,4,5,6,7,8,9,10],
            "none":[null,null],
            "refused":{"error":"ValueError('upTo is negative')"},
            "unknown":{"error":"KeyError('no event 4711')"},
            "big":{"length":10485760,"wrong":0},
            "closed":[1000,true]}
            """.ReplaceLineEndings(""),
            result);
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task A_page_finds_its_server_and_its_library_by_JSONP()
    {
        await using var page = await chromium.OpenAsync(new Uri(server.Address, "static/jsonp.html"));
        await page.HasExactTextAsync("#state", """["by JSONP"]""");
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task A_loader_that_sets_its_plugins_and_main_before_the_library_is_served()
    {
        await using var page = await chromium.OpenAsync(new Uri(server.Address, "static/loader.html"));
        await page.HasExactTextAsync("#state", "guest: message 1000, \"hello\"");
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task An_element_named_ducts_is_not_taken_for_what_the_page_has_set()
    {
        await using var page = await chromium.OpenAsync(new Uri(server.Address, "static/blank.html"));
        await page.Page.EvaluateAsync("() => document.body.append(Object.assign(document.createElement('div'), { id: 'ducts' }))");
        await page.Page.AddScriptTagAsync(new PageAddScriptTagOptions { Url = "/ducts/libs/ducts.js" });
        Assert.Equal("function false", await page.Page.EvaluateAsync<string>("() => `${typeof ducts.connect} ${ducts instanceof Element}`"));
    }

    [Fact]
    public async Task A_page_of_another_host_gets_no_WebSocket()
    {
        await using var page = await chromium.OpenAsync(new Uri(server.Address, "static/blank.html"));
        // The same server under another name is another origin.
        var elsewhere = $"http://localhost:{server.Address.Port}/ducts/wsd?uuid=page";
        using var answer = await Doors.Discovery.Http.GetAsync(new Uri(elsewhere));
        using var wsd = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var opened = await page.Page.EvaluateAsync<string>(
            "url => new Promise(resolve => { const socket = new WebSocket(url); socket.onopen = () => resolve('open'); socket.onerror = () => resolve('refused'); })",
            wsd.RootElement.GetProperty("websocket_url").GetString());
        Assert.Equal("refused", opened);
    }
}
