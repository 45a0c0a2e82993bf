using Ducts.Samples.Tests.Support;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Ducts.Samples.Tests.Support;

/// <summary>The machine's own Chromium; each page has cookies of its own.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> _launched = new(LaunchAsync);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_launched.IsValueCreated && !_launched.Value.IsFaulted)
        {
            var (playwright, browser) = await _launched.Value;
            await browser.DisposeAsync();
            playwright.Dispose();
        }
    }

    internal async Task<IPage> OpenAsync(Uri address)
    {
        var (_, browser) = await _launched.Value;
        var context = await browser.NewContextAsync();
        context.SetDefaultTimeout((float)Until.Patience.TotalMilliseconds);
        var page = await context.NewPageAsync();
        await page.GotoAsync(address.AbsoluteUri);
        return page;
    }

    // At the first page, not before: tests without pages need no Chromium.
    private static async Task<(IPlaywright Playwright, IBrowser Browser)> LaunchAsync()
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(static folder => new[] { "chromium", "chromium-browser", "google-chrome" }, Path.Combine)
            .FirstOrDefault(File.Exists);
        Assert.True(program is not null, "Chromium is needed for this test: apt-get install chromium");
        var playwright = await Playwright.CreateAsync();
        return (playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = program,
            Args = ["--no-sandbox", "--disable-gpu"],
            Timeout = (float)Until.Patience.TotalMilliseconds,
        }));
    }
}
