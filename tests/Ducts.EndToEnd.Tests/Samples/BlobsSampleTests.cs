using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Ducts.EndToEnd.Browser;
using Ducts.EndToEnd.Processes;
using Microsoft.Playwright;

namespace Ducts.EndToEnd.Samples;

/// <summary>The sample that keeps files in Redis, served by the tool as it comes, in a real browser.</summary>
public sealed class BlobsSampleTests(Chromium chromium) : IAsyncLifetime
{
    private readonly WorkingFolder _folder = new();

    public async ValueTask InitializeAsync()
    {
        _folder.CopyFrom(Repository.Path("samples/blobs"));
        await _folder.StartServerAsync();
    }

    public async ValueTask DisposeAsync() => await _folder.DisposeAsync();

    [Fact]
    public async Task Files_are_dropped_listed_by_version_and_reverted()
    {
        await using var page = await chromium.OpenAsync(_folder.Address!);
        await page.HasTextAsync("#tree", "📁 /");

        await ChooseAsync(page, "notes.txt", "text/plain", Encoding.UTF8.GetBytes("one"));
        await page.HasExactTextAsync("#name", "notes.txt");
        await page.HasTextAsync("#size", "3 bytes");
        await DropAsync(page, "notes.txt", "longer");
        await page.HasTextAsync("#size", "6 bytes");
        await page.HasCountAsync(".version", 2);
        await page.HasCountAsync("#uploads li", 0);

        await page.ClickAsync(".version button");
        await page.HasTextAsync("#size", "3 bytes");
        await page.HasCountAsync(".version", 3);
        await page.HasTextAsync(".version >> nth=0", "reverted to");
        Assert.Equal("one", await page.Page.EvaluateAsync<string>("async () => (await fetch(document.getElementById('download').href)).text()"));
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task Folders_make_a_tree()
    {
        await using var page = await chromium.OpenAsync(_folder.Address!);
        await page.HasTextAsync("#tree", "📁 /");

        await page.FillAsync("#newFolder input", "docs");
        await page.ClickAsync("#newFolder button");
        await page.HasTextAsync("#tree", "📁 docs");
        await page.ClickAsync("text=📁 docs");
        await page.HasExactTextAsync("#folder", "/docs/");
        await ChooseAsync(page, "inside.txt", "text/plain", Encoding.UTF8.GetBytes("in"));

        await page.HasTextAsync("#tree", "📄 inside.txt");
        await page.Page.ReloadAsync();
        await page.HasTextAsync("#tree", "📄 inside.txt");
        await page.ClickAsync("text=📄 inside.txt");
        await page.HasTextAsync("#type", "text/plain");
        await page.AssertCleanAsync();
    }

    [Fact]
    public async Task A_video_plays_and_is_sought_by_range_requests()
    {
        await using var page = await chromium.OpenAsync(_folder.Address!);
        await page.HasTextAsync("#tree", "📁 /");
        var video = await WebmVideo.MakeAsync(page.Page, seconds: 40);
        var starts = new ConcurrentQueue<long>();
        page.Page.Response += (_, response) =>
        {
            if (response.Status == 206 && response.Headers.TryGetValue("content-range", out var range))
            {
                starts.Enqueue(long.Parse(range["bytes ".Length..range.IndexOf('-', StringComparison.Ordinal)]));
            }
        };

        await ChooseAsync(page, "film.webm", "video/webm", video);
        await page.HasTextAsync("#type", "video/webm");
        var (duration, played, sought) = await PlayAndSeekAsync(page.Page, 35);

        Assert.Equal(40, duration, 1.0);
        Assert.True(played > 0, "The video did not play.");
        Assert.Equal(35, sought, 1.0);
        Assert.Contains(0, starts);
        Assert.Contains(starts, start => start > video.Length / 2);
    }

    private static async Task<(double Duration, double Played, double Sought)> PlayAndSeekAsync(IPage page, double time)
    {
        var times = await page.EvaluateAsync<double[]>(
            """
            async (time) => {
              const video = document.querySelector("video");
              const when = (name, condition) => new Promise((resolve, reject) => {
                video.addEventListener("error", () => reject(new Error(video.error.message)), { once: true });
                if (condition()) resolve();
                video.addEventListener(name, () => { if (condition()) resolve(); });
              });
              await when("loadedmetadata", () => video.readyState >= 1);
              await video.play();
              await when("timeupdate", () => video.currentTime > 0);
              const played = video.currentTime;
              video.currentTime = time;
              await when("seeked", () => !video.seeking && video.readyState >= 2);
              return [video.duration, played, video.currentTime];
            }
            """,
            time);
        return (times[0], times[1], times[2]);
    }

    private static Task ChooseAsync(WatchedPage page, string name, string type, byte[] bytes) =>
        page["#files"].SetInputFilesAsync(new FilePayload { Name = name, MimeType = type, Buffer = bytes });

    private static Task<JsonElement?> DropAsync(WatchedPage page, string name, string text) => page.Page.EvaluateAsync(
        """
        ([name, text]) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([text], name, { type: "text/plain" }));
          document.getElementById("drop").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
        }
        """,
        new[] { name, text });
}
