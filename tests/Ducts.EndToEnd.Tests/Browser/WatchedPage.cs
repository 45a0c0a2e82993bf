using System.Collections.Concurrent;
using Ducts.EndToEnd.Processes;
using Microsoft.Playwright;

namespace Ducts.EndToEnd.Browser;

/// <summary>A page of the browser, and what it complained about.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _complaints = [];

    public WatchedPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Enqueue($"console {message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => _complaints.Enqueue($"uncaught: {error}");
        page.RequestFailed += (_, request) => _complaints.Enqueue($"failed: {request.Url} {request.Failure}");
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
                _complaints.Enqueue($"{response.Status}: {response.Url}");
        };
    }

    public IPage Page { get; }

    /// <summary>Console errors and warnings, uncaught errors, failed requests.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    public ILocator this[string selector] => Page.Locator(selector);

    public Task ClickAsync(string selector) => Page.Locator(selector).ClickAsync();

    public Task FillAsync(string selector, string text) => Page.Locator(selector).FillAsync(text);

    /// <summary>Waits until an element's text holds what is expected.</summary>
    public async Task HasTextAsync(string selector, string text) =>
        await Assertions.Expect(Page.Locator(selector)).ToContainTextAsync(text, new() { Timeout = Timeout });

    public async Task HasExactTextAsync(string selector, string text) =>
        await Assertions.Expect(Page.Locator(selector)).ToHaveTextAsync(text, new() { Timeout = Timeout });

    public async Task HasStateAsync(string state) =>
        await Assertions.Expect(Page.Locator("#connection")).ToHaveAttributeAsync("data-state", state, new() { Timeout = Timeout });

    public async Task HasCountAsync(string selector, int count) =>
        await Assertions.Expect(Page.Locator(selector)).ToHaveCountAsync(count, new() { Timeout = Timeout });

    /// <summary>Nothing went wrong that the reader, or the reader's console, would see.</summary>
    public async Task AssertCleanAsync()
    {
        if (await Page.Locator("#problem:not(:empty):visible").CountAsync() > 0)
            Assert.Fail($"The page shows a problem: {await Page.Locator("#problem").InnerTextAsync()}");
        Assert.Empty(Complaints);
    }

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();

    private static float Timeout => (float)Until.Patience.TotalMilliseconds;
}
