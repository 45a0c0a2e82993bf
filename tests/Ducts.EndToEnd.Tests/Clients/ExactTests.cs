using System.Text.Json;
using Ducts.Client;
using Ducts.EndToEnd.Browser;
using Ducts.EndToEnd.Processes;
using Ducts.Tests.Support;

namespace Ducts.EndToEnd.Clients;

/// <summary>Sessions of version 2 whose connections fail in every way and at any byte lose nothing and do nothing twice.</summary>
/// <remarks>Set DUCTS_TEST_FAULTS to <c>200x100</c> (sessions, faults) for the long run, DUCTS_TEST_SEED to repeat one.</remarks>
public sealed class ExactTests(Chromium chromium)
{
    private const int LongestRun = 600;

    [Theory]
    [InlineData("modern")]
    [InlineData("compat")]
    public async Task The_script_client_calls_streams_and_is_pushed_exactly_once(string kind)
    {
        await TypeScriptClient.Built.Value;
        await RunAsync(async (faults, sessions) =>
        {
            await using var folder = new WorkingFolder { Patience = TimeSpan.FromSeconds(LongestRun) };
            var result = await folder.RunAsync(
                RequiredProgram.Node, [Repository.OwnPath("node/exact.mjs"), kind, $"{faults.Seed}", .. sessions.Select(static session => $"{session.Port}:{session.Run}")]);
            Assert.True(result.ExitCode == 0 && result.Output.Length > 0, $"{result}");
            return JsonSerializer.Deserialize<ExactResult[]>(result.Output, JsonSerializerOptions.Web)!;
        });
    }

    [Fact]
    public Task The_NET_client_calls_streams_and_is_pushed_exactly_once() =>
        RunAsync(static (faults, sessions) => Task.WhenAll(sessions.Select((session, i) => new ExactDriver(session, new Random(faults.Seed + i)).RunAsync())));

    [Theory]
    [InlineData("modern")]
    [InlineData("compat")]
    public async Task The_script_client_in_a_browser_calls_streams_and_is_pushed_exactly_once(string kind)
    {
        await TypeScriptClient.Built.Value;
        await RunAsync((faults, sessions) => Task.WhenAll(sessions.Select((session, i) => DriveInPageAsync(session, kind, faults.Seed + i))), Faults.FromEnvironment("3x8"));
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("doubled")]
    public async Task A_message_that_is_lost_or_doubled_on_its_way_to_a_page_is_found(string planted)
    {
        await TypeScriptClient.Built.Value;
        await RunAsync(
            (faults, sessions) => Task.WhenAll(sessions.Select((session, i) => DriveInPageAsync(session, "modern", faults.Seed + i, planted))),
            Faults.FromEnvironment() with { Sessions = 1, Cuts = 3 },
            static (_, result) =>
            {
                Assert.NotEmpty(result.Wrong);
                return Task.CompletedTask;
            });
    }

    // A page of the session's own way to the server: to the browser, and to the server, it is of the same origin.
    private async Task<ExactResult> DriveInPageAsync(FaultedSession session, string kind, int seed, string? planted = null)
    {
        await using var page = await chromium.OpenAsync(new Uri($"http://127.0.0.1:{session.Port}/static/blank.html"));
        var script = await File.ReadAllTextAsync(Repository.OwnPath("Pages/exact.js"));
        var result = await page.Page.EvaluateAsync<string>(script, new object?[] { kind, seed, session.Run, planted }).WaitAsync(TimeSpan.FromSeconds(LongestRun));
        return JsonSerializer.Deserialize<ExactResult>(result, JsonSerializerOptions.Web)!;
    }

    private static async Task RunAsync(Func<Faults, FaultedSession[], Task<ExactResult[]>> drive, Faults? wanted = null, Func<DuctsClient, ExactResult, Task>? check = null)
    {
        var faults = wanted ?? Faults.FromEnvironment("8x10");
        await using var folder = new WorkingFolder();
        folder.CopyFrom(Repository.OwnPath("Handlers"), "handler");
        folder.CopyFrom(Repository.OwnPath("Pages"), "htdocs");
        foreach (var module in new[] { Repository.OwnPath("node/exactSession.mjs"), Repository.Path("clients/js/dist/ducts.mjs") })
        {
            if (File.Exists(module))
                File.Copy(module, folder.PathOf(Path.Combine("htdocs", Path.GetFileName(module))));
        }

        folder.Write("config_server.ini", """
            [ducts.event_config]
            alive_monitoring_interval = 1
            [web_socket_server]
            max_message_size = 1000000
            inbox_limit = 2000000
            outbox_limit = 2000000
            hello_timeout = 2
            """);
        await folder.StartServerAsync();
        var sessions = Enumerable.Range(0, faults.Sessions).Select(i => new FaultedSession(folder.Address!.Port, new Random(faults.Seed + i), faults.Cuts)).ToArray();
        try
        {
            await using var direct = await DuctsClient.ConnectAsync(new Uri(folder.Address!, "ducts/wsd"), cancellationToken: TestContext.Current.CancellationToken);
            var driven = drive(faults, sessions);
            await Task.WhenAny(driven, Task.WhenAll(sessions.Select(async session =>
            {
                await session.Faulted;
                await direct.CallAsync("RELEASE", new { gate = session.Run });
            })));
            var results = await driven;
            foreach (var result in results)
                await (check ?? CheckAsync)(direct, result);

            TestContext.Current.TestOutputHelper!.WriteLine(
                $"seed {faults.Seed}: {sessions.Length} sessions, {faults.Cuts} faults each: {results.Sum(static r => r.Last)} requests, "
                + $"{results.Sum(static r => r.Refused.Length)} refused, {results.Sum(static r => r.Pushes)} pushes, {results.Sum(static r => r.Items.Sum())} items");
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"DUCTS_TEST_SEED={faults.Seed} {exception.Message}\n{folder.Log[^Math.Min(folder.Log.Length, 4000)..]}", exception);
        }
        finally
        {
            foreach (var session in sessions)
                await session.DisposeAsync();
        }
    }

    private static async Task CheckAsync(DuctsClient direct, ExactResult result)
    {
        Assert.Empty(result.Wrong);
        var done = await direct.CallAsync<int[]>("DONE", new { run = result.Run }, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, result.Last).Except(result.Refused), done!.Order());
    }
}
