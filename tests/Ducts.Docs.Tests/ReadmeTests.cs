using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Ducts.Docs.Blocks;
using Ducts.Docs.Markdown;
using Microsoft.Playwright;

namespace Ducts.Docs;

/// <summary>The README as its reader follows it: commands, handlers, the page in a browser.</summary>
public sealed class ReadmeTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ducts-readme-").FullName;
    private readonly int _port = FreePort();

    private Dictionary<string, string> Environment => new()
    {
        ["DUCTS_SERVER__HTTPD_PORT"] = $"{_port}",
        ["DUCTS_SERVER__HTTPD_ADDR"] = "127.0.0.1",
        ["DUCTS_REDIS__REDIS_EMBEDDED"] = "always",
    };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Programs.RunAsync("ducts", ["server", "stop"], Path.Combine(_folder, "app"), Environment);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Followed_from_the_top_it_gives_what_it_says()
    {
        var blocks = MarkdownDocument.Read("README.md").Blocks;
        // The first of its commands installs what the build has put on the path.
        var create = Block(blocks, "ducts new").Text.Replace("eng/install\n", "", StringComparison.Ordinal);
        await RunAsync(create.Replace("&& ducts server start", "", StringComparison.Ordinal), _folder);
        var home = Path.Combine(_folder, "app");
        await File.WriteAllTextAsync(Path.Combine(home, "handler", "evt_1000_hello.cs"), Block(blocks, "class Hello").Text);
        await File.WriteAllTextAsync(Path.Combine(home, "handler", "evt_1001_count.cs"), Block(blocks, "class Count").Text);
        await File.WriteAllTextAsync(Path.Combine(home, "htdocs", "index.html"), Block(blocks, "<script>").Text);
        await RunAsync("ducts server start", home);

        var said = await RunAsync(Block(blocks, "ducts events").Text.Replace(":8080", $":{_port}", StringComparison.Ordinal), home);
        Assert.Contains("1001  COUNT", said, StringComparison.Ordinal);
        Assert.Contains("\"Hello, Ada!\"", said, StringComparison.Ordinal);
        Assert.Contains("websocket_url", said, StringComparison.Ordinal);

        var shown = await ShowAsync(new Uri($"http://127.0.0.1:{_port}/"));
        Assert.Equal(["Hello, Ada!", "1", "2", "3", "4", "5"], shown);
    }

    /// <summary>Opens the page, and returns what it says to its reader and to the console.</summary>
    private static async Task<IReadOnlyCollection<string>> ShowAsync(Uri address)
    {
        var program = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(static folder => new[] { "chromium", "chromium-browser", "google-chrome" }, Path.Combine)
            .FirstOrDefault(File.Exists);
        Assert.True(program is not null, "Chromium is needed for this test: apt-get install chromium");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox", "--disable-gpu"] });
        var page = await browser.NewPageAsync();
        var shown = new ConcurrentQueue<string>();
        var ended = new TaskCompletionSource();
        page.Dialog += (_, dialog) =>
        {
            shown.Enqueue(dialog.Message);
            _ = dialog.AcceptAsync();
        };
        page.Console += (_, message) =>
        {
            // A page without an icon of its own is no fault of the README's.
            if (message.Type == "log")
            {
                shown.Enqueue(message.Text);
            }

            if (message.Text == "5")
            {
                ended.TrySetResult();
            }
        };
        page.PageError += (_, error) => ended.TrySetException(new InvalidOperationException(error));
        await page.GotoAsync(address.AbsoluteUri);
        await ended.Task.WaitAsync(Programs.Patience);
        return shown;
    }

    private async Task<string> RunAsync(string commands, string folder)
    {
        var (exitCode, output) = await Programs.RunAsync("bash", ["-euo", "pipefail", "-c", commands], folder, Environment);
        Assert.True(exitCode == 0, $"{commands}\n{output}");
        return output;
    }

    private static CodeBlock Block(IReadOnlyList<CodeBlock> blocks, string text) => blocks.First(block => block.Text.Contains(text, StringComparison.Ordinal));

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
