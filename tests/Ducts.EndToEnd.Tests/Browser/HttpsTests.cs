using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Browser;

/// <summary>What <c>ducts new --https</c> makes, in a browser that was told to accept the certificate.</summary>
public sealed class HttpsTests(Chromium chromium) : IAsyncLifetime
{
    private readonly WorkingFolder _folder = new();

    public async ValueTask InitializeAsync()
    {
        var made = await _folder.DuctsAsync("new", ".", "--https");
        Assert.True(made.ExitCode == 0, $"{made}");
        await _folder.StartServerAsync();
    }

    public async ValueTask DisposeAsync() => await _folder.DisposeAsync();

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task The_page_of_a_new_folder_works_over_https(string name)
    {
        // Its server listens on 127.0.0.1 alone.
        await using var page = await chromium.OpenAsync(new Uri($"https://{name}:{_folder.Address!.Port}/"), acceptsAnyCertificate: true);

        await page.HasStateAsync("open");
        await page.ClickAsync("#greet button");
        await page.HasTextAsync("#greeting", "Hello, Ada!");
        await page.AssertCleanAsync();
    }
}
