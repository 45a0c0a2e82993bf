using Ducts.EndToEnd.Browser;
using Ducts.EndToEnd.Cluster;
using Ducts.EndToEnd.Processes;

namespace Ducts.EndToEnd.Samples;

/// <summary>The sample with three nodes, as its script starts it, in a real browser.</summary>
public sealed class ClusterSampleTests(Chromium chromium) : IAsyncLifetime
{
    private readonly WorkingFolder _folder = new();
    private BackgroundProgram? _script;
    private Uri? _address;

    public async ValueTask InitializeAsync()
    {
        _folder.CopyFrom(Repository.Path("samples/cluster"), "samples/cluster");
        Directory.CreateDirectory(_folder.PathOf("eng"));
        File.Copy(Repository.Path("eng/need"), _folder.PathOf("eng/need"));
        // The script says itself where all of them listen, and with which Redis.
        _folder.Environment.Clear();
        var port = FreePorts();
        _address = new Uri($"http://127.0.0.1:{port}/");
        var environment = new Dictionary<string, string> { ["PORT"] = $"{port}", ["DUCTS"] = Repository.Ducts, ["TMPDIR"] = _folder.Path, ["DUCTS_EVENT__STRICT"] = "true" };
        _script = BackgroundProgram.Start(_folder, environment, _folder.PathOf("samples/cluster/run"));
        await _script.LogsAsync("The page is at");
    }

    public async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        _script?.Dispose();
    }

    [Fact]
    public async Task A_page_whose_node_is_killed_goes_on_at_another_and_says_what_is_lost()
    {
        await using var page = await chromium.OpenAsync(_address!);
        await page.HasStateAsync("open");
        await page.HasTextAsync("#log", "The session began at node");
        var first = await page["#nodes .here"].GetAttributeAsync("data-node");
        await page.HasTextAsync("#count", "3");
        await page.ClickAsync("#add");
        await page.HasExactTextAsync("#memory", "1");
        await page.AssertCleanAsync();

        // Another socket, and the same life: perhaps through another node.
        await page.ClickAsync("#cut");
        await page.HasTextAsync("#log", $"The session went on at node {first}. Nothing is lost.");

        ProcessList.Signal(int.Parse((await page["#nodes .here"].GetAttributeAsync("data-pid"))!), "KILL");
        await page.HasTextAsync("#log", "The session began anew at node");
        await page.HasTextAsync("#log", $"Lost with node {first}: the stream, which stood at");
        await page.HasStateAsync("open");
        await page.HasTextAsync($"#nodes .dead[data-node={first}]", "dead");
        Assert.NotEqual(first, await page["#nodes .here"].GetAttributeAsync("data-node"));
        await page.HasTextAsync("#count", "3");
        await page.ClickAsync("#add");
        await page.HasExactTextAsync("#memory", "1");
        await page.HasExactTextAsync("#redis", "2");
        await page.HasExactTextAsync("#problem", "");
        Assert.Contains($"Node {first} is dead", _script!.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_script_ends_all_that_it_has_started()
    {
        var started = ProcessList.Of(_folder.Path);
        // Three nodes, nginx, its worker, and Redis, which works in the folder.
        Assert.InRange(started.Count, 6, 8);

        _script!.Signal("TERM");
        await _script.EndedAsync();

        Assert.Empty(ProcessList.Of(_folder.Path));
        Assert.Equal(["eng", "samples"], Directory.GetDirectories(_folder.Path).Select(Path.GetFileName).Where(static name => name![0] != '.').Order());
    }

    // Four that follow each other.
    private static int FreePorts()
    {
        while (true)
        {
            var first = TestCluster.FreePort();
            if (first < 65_000 && Enumerable.Range(first + 1, 3).All(static port => TestCluster.IsFree(port)))
                return first;
        }
    }
}
