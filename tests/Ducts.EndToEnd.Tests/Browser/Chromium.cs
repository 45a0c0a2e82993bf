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
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        var program = RequiredProgram.Chromium;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args = Arguments,
            Headless = true,
            Timeout = (float)Until.Patience.TotalMilliseconds,
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>Opens a page, with storage of its own, that notes everything its console complains about.</summary>
    internal async Task<WatchedPage> OpenAsync(Uri address)
    {
        var context = await _browser!.NewContextAsync();
        context.SetDefaultTimeout((float)Until.Patience.TotalMilliseconds);
        var page = new WatchedPage(await context.NewPageAsync());
        await page.Page.GotoAsync(address.AbsoluteUri);
        return page;
    }
}
