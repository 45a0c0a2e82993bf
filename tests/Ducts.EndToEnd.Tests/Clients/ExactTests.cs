using System.Text.Json;
using Ducts.Client;
using Ducts.EndToEnd.Processes;
using Ducts.Tests.Support;

namespace Ducts.EndToEnd.Clients;

/// <summary>Sessions of version 2 whose connections fail in every way and at any byte lose nothing and do nothing twice.</summary>
/// <remarks>Set DUCTS_TEST_FAULTS to <c>200x100</c> (sessions, faults) for the long run, DUCTS_TEST_SEED to repeat one.</remarks>
public sealed class ExactTests
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

    private static async Task RunAsync(Func<Faults, FaultedSession[], Task<ExactResult[]>> drive)
    {
        var faults = Faults.FromEnvironment("8x10");
        await using var folder = new WorkingFolder();
        folder.CopyFrom(Repository.OwnPath("Handlers"), "handler");
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
            {
                Assert.Empty(result.Wrong);
                var done = await direct.CallAsync<int[]>("DONE", new { run = result.Run }, TestContext.Current.CancellationToken);
                Assert.Equal(Enumerable.Range(1, result.Last).Except(result.Refused), done!.Order());
            }

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
}
