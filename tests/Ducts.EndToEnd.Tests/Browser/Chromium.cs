using Ducts.EndToEnd.Processes;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Ducts.EndToEnd.Browser.Chromium))]

namespace Ducts.EndToEnd.Browser;

/// <summary>The machine's own Chromium, one for all tests; each test has pages of its own.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        // Names as somebody else's DNS, or that of a network, would lead them here.
        "--host-resolver-rules=MAP *.evil.example 127.0.0.1,MAP nas.lan 127.0.0.1",
    ];

    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> _launched = new(LaunchAsync);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (!_launched.IsValueCreated || _launched.Value.IsFaulted)
            return;
        var (playwright, browser) = await _launched.Value;
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    /// <summary>Opens a page, with storage of its own, that notes everything its console complains about.</summary>
    internal async Task<WatchedPage> OpenAsync(Uri address, bool acceptsAnyCertificate = false)
    {
        var (_, browser) = await _launched.Value;
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { IgnoreHTTPSErrors = acceptsAnyCertificate });
        context.SetDefaultTimeout((float)Until.Patience.TotalMilliseconds);
        var page = new WatchedPage(await context.NewPageAsync());
        await page.Page.GotoAsync(address.AbsoluteUri);
        return page;
    }

    // At the first page, not before: tests without pages need no Chromium.
    private static async Task<(IPlaywright Playwright, IBrowser Browser)> LaunchAsync()
    {
        var program = RequiredProgram.Chromium;
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args = Arguments,
            Headless = true,
            Timeout = (float)Until.Patience.TotalMilliseconds,
        });
        return (playwright, browser);
    }
}
