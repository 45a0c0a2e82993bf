using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Browser;

/// <summary>The page of <c>ducts new</c>, and what it shows while its server is away.</summary>
public sealed class RestartTests(Chromium chromium)
{
    [Fact]
    public async Task The_page_of_a_new_folder_calls_streams_and_outlives_its_server()
    {
        await using var folder = new WorkingFolder();
        Assert.Equal(0, (await folder.DuctsAsync("new", ".")).ExitCode);
        await folder.StartServerAsync();
        // The second start must be where the page looks for it.
        folder.Environment["DUCTS_SERVER__HTTPD_PORT"] = $"{folder.Address!.Port}";

        await using var page = await chromium.OpenAsync(folder.Address);
        await page.HasStateAsync("open");
        await page.FillAsync("#name", "Grace");
        await page.ClickAsync("#greet button");
        await page.HasExactTextAsync("#greeting", "Hello, Grace!");
        await page.FillAsync("#upTo", "3");
        await page.ClickAsync("#start");
        await page.HasTextAsync("#numbers", "1 2 3");
        await page.AssertCleanAsync();

        Assert.Equal(0, (await folder.DuctsAsync("server", "stop")).ExitCode);
        await page.HasStateAsync("reconnecting");
        await folder.StartServerAsync();
        await page.HasStateAsync("open");
        await page.FillAsync("#name", "Ada");
        await page.ClickAsync("#greet button");
        await page.HasExactTextAsync("#greeting", "Hello, Ada!");
        await page.HasExactTextAsync("#problem", "");
    }

    [Fact]
    public async Task A_chat_goes_on_after_its_server_was_killed()
    {
        await using var folder = new WorkingFolder();
        folder.CopyFrom(Repository.Path("samples/tutorial"));
        await folder.StartServerAsync();
        folder.Environment["DUCTS_SERVER__HTTPD_PORT"] = $"{folder.Address!.Port}";
        await using var page = await chromium.OpenAsync(new Uri(folder.Address, "static/chat.html"));
        await SayAsync("before");

        ProcessList.Signal(ProcessList.PidOf(Assert.Single(ProcessList.Named(folder.Path, "server run"))), "KILL");
        await page.HasStateAsync("reconnecting");
        await folder.StartServerAsync();
        await page.HasStateAsync("open");
        await SayAsync("after");
        // From Redis, and each once: the page follows anew.
        Assert.Equal(["before", "after"], (await page["#messages li"].AllInnerTextsAsync()).Select(static line => line.Split('\n', ' ')[^1].Replace("Ada", "", StringComparison.Ordinal)));

        async Task SayAsync(string text)
        {
            await page.HasStateAsync("open");
            await page.FillAsync("#author", "Ada");
            await page.FillAsync("#text", text);
            await page.ClickAsync("#say");
            await page.HasTextAsync("#messages li:last-child", text);
        }
    }
}
