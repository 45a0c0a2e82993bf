using System.Text.RegularExpressions;

namespace Ducts.EndToEnd.Browser;

/// <summary>Every page of the tutorial, used as its reader uses it, in Chromium.</summary>
public sealed partial class TutorialTests(TutorialSite site, Chromium chromium) : IClassFixture<TutorialSite>
{
    [Fact]
    public async Task The_address_alone_leads_to_the_steps_and_the_events()
    {
        await using var page = await chromium.OpenAsync(site.Address);
        await page.HasStateAsync("open");
        await page.HasTextAsync("#summary", "9 events: HELLO, COUNT, GREET, ECHO,");
        await page.HasCountAsync(".cards a", 6);
        await page[".cards a"].First.ClickAsync();
        await page.HasStateAsync("open");
        Assert.EndsWith("/static/hello.html", page.Page.Url, StringComparison.Ordinal);
        await page.AssertCleanAsync();
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("stream")]
    [InlineData("form")]
    [InlineData("binary")]
    [InlineData("redis")]
    [InlineData("chat")]
    public async Task A_page_shows_the_sources_it_speaks_of(string name)
    {
        await using var page = await OpenAsync(name);
        foreach (var source in await page["pre[data-source]"].AllAsync())
            await Microsoft.Playwright.Assertions.Expect(source).ToContainTextAsync("public sealed class ");
        await page.HasTextAsync("#lesson-source", "ducts.connect(\"/ducts/wsd\")");
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task Hello_is_said_as_often_as_asked()
    {
        await using var page = await OpenAsync("hello");
        await page.ClickAsync("#say");
        await page.HasTextAsync("#result", $"Hello from {Environment.MachineName}.");
        await page.HasExactTextAsync("#calls", "1");
        await page.ClickAsync("#say");
        await page.HasExactTextAsync("#calls", "2");
        Assert.Matches(@"^\d+\.\d ms$", await page["#elapsed"].InnerTextAsync());
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task A_stream_counts_to_its_end()
    {
        await using var page = await OpenAsync("stream");
        await page.FillAsync("#upTo", "5");
        await page.ClickAsync("#start");
        await page.HasTextAsync("#status", "Ended after 5 items.");
        Assert.Equal(["1", "2", "3", "4", "5"], await page["#items li"].AllInnerTextsAsync());
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task A_stream_stops_when_told_and_starts_again()
    {
        await using var page = await OpenAsync("stream");
        await page.FillAsync("#upTo", "200");
        await page.ClickAsync("#start");
        await page.HasTextAsync("#items", "2");
        await page.ClickAsync("#stop");
        await page.HasTextAsync("#status", "Ended after ");
        var received = int.Parse(Number().Match(await page["#status"].InnerTextAsync()).Value);
        Assert.InRange(received, 2, 199);
        Assert.Equal(received, await page["#items li"].CountAsync());

        await page.FillAsync("#upTo", "3");
        await page.ClickAsync("#start");
        await page.HasTextAsync("#status", "Ended after 3 items.");
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task A_form_greets_by_name_and_shows_what_is_wrong()
    {
        await using var page = await OpenAsync("form");
        await page.ClickAsync("#greet");
        await page.HasExactTextAsync("#error", "Please tell me your name.");
        await page.FillAsync("#name", " Ada ");
        await page.ClickAsync("#greet");
        await page.HasExactTextAsync("#greeting", "Hello, Ada!");
        await page.HasExactTextAsync("#error", "");
        await page["#language"].SelectOptionAsync("ja");
        await page.ClickAsync("#greet");
        await page.HasExactTextAsync("#greeting", "こんにちは, Ada!");
        Assert.NotEqual("–", await page["#at"].InnerTextAsync());
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task Binary_comes_back_as_it_was_sent()
    {
        await using var page = await OpenAsync("binary");
        await page.ClickAsync("#pattern");
        await page.HasExactTextAsync("#identical", "yes");
        await page.HasCountAsync("#frame img", 1);
        await page.HasTextAsync("#dump", "89 50 4e 47");

        // Divided on its way back, and fragmented on its way there.
        var bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);
        await page["#file"].SetInputFilesAsync(new Microsoft.Playwright.FilePayload { Name = "large.bin", MimeType = "application/octet-stream", Buffer = bytes });
        await page.HasExactTextAsync("#received", "3,000,000 bytes");
        await page.HasExactTextAsync("#identical", "yes");
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task A_note_is_kept_in_Redis_and_one_that_is_not_there_is_said_to_be_missing()
    {
        await using var page = await OpenAsync("redis");
        await page.FillAsync("#setName", "browser");
        await page.FillAsync("#text", "Brot, Öl & 🎈");
        await page.ClickAsync("#save");
        await page.HasExactTextAsync("#saved", "Kept.");
        await page.FillAsync("#getName", "browser");
        await page.ClickAsync("#look");
        await page.HasExactTextAsync("#note", "Brot, Öl & 🎈");
        await page.FillAsync("#getName", "nothing of the kind");
        await page.ClickAsync("#look");
        await page.HasExactTextAsync("#error", "There is no note nothing of the kind.");

        await using var other = await OpenAsync("redis");
        await other.FillAsync("#getName", "browser");
        await other.ClickAsync("#look");
        await other.HasExactTextAsync("#note", "Brot, Öl & 🎈");
        await page.AssertCleanAsync();
        await other.AssertCleanAsync();
    }

    [Fact]
    public async Task Two_pages_and_the_bot_talk_to_each_other()
    {
        await using var ada = await OpenAsync("chat");
        await using var grace = await OpenAsync("chat");
        await SayAsync(ada, "Ada", "Is anybody here?");
        await grace.HasTextAsync("#messages li[data-name=Ada]", "Is anybody here?");
        await SayAsync(grace, "Grace", "!ping");
        await ada.HasTextAsync("#messages li[data-name=Grace]", "!ping");
        await ada.HasTextAsync("#messages li.bot", "pong");
        await grace.HasTextAsync("#messages li.bot", "pong");
        Assert.Contains("mine", await grace["#messages li[data-name=Grace]"].First.GetAttributeAsync("class"), StringComparison.Ordinal);

        // Who comes late reads what was said.
        await using var late = await OpenAsync("chat");
        await late.HasTextAsync("#messages li[data-name=Ada]", "Is anybody here?");
        await late.HasTextAsync("#messages li.bot", "pong");
        foreach (var page in new[] { ada, grace, late })
            await page.AssertCleanAsync();

        static async Task SayAsync(WatchedPage page, string name, string text)
        {
            await page.FillAsync("#author", name);
            await page.FillAsync("#text", text);
            await page.ClickAsync("#say");
        }
    }

    private async Task<WatchedPage> OpenAsync(string name)
    {
        var page = await chromium.OpenAsync(new Uri(site.Address, $"static/{name}.html"));
        await page.HasStateAsync("open");
        return page;
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
