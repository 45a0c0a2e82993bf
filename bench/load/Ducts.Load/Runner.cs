using System.Diagnostics;

namespace Ducts.Load;

/// <summary>Drives the servers in turn and prints what it finds.</summary>
internal static class Runner
{
    private const double KiB = 1024;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.5);

    public static async Task RunAsync(LoadOptions options)
    {
        using var folder = await WorkFolder.CreateAsync(options.Servers, options.Baseline);
        foreach (var scenario in options.Scenarios)
        {
            var kinds = options.Servers.Where(scenario.IsFor).ToList();
            switch (scenario.Kind)
            {
                case ScenarioKind.Held:
                    foreach (var kind in kinds)
                        await Sessions.HoldAsync(kind, folder, scenario);
                    break;
                case ScenarioKind.Start:
                    foreach (var kind in kinds)
                        await Starts.MeasureAsync(kind, folder, options.Rounds);
                    break;
                case ScenarioKind.Divided:
                    foreach (var kind in kinds)
                        await DividedReplies.MeasureAsync(kind, folder, options);
                    break;
                case ScenarioKind.Stalled:
                    foreach (var kind in kinds)
                        await StalledReader.MeasureAsync(kind, folder, options);
                    break;
                case ScenarioKind.HalfOpen:
                    foreach (var kind in kinds)
                        await HalfOpen.MeasureAsync(kind, folder, scenario);
                    break;
                case ScenarioKind.Hostile:
                    foreach (var kind in kinds)
                        await Hostile.MeasureAsync(kind, folder, scenario);
                    break;
                case ScenarioKind.Limits:
                    await Limits.MeasureAsync(kinds, folder, scenario, options);
                    break;
                case ScenarioKind.Credits:
                    foreach (var kind in kinds)
                        await Credits.MeasureAsync(kind, folder, options);
                    break;
                case ScenarioKind.Storm:
                    foreach (var kind in kinds)
                        await Storm.MeasureAsync(kind, folder, scenario, options.Rounds);
                    break;
                case ScenarioKind.Soak:
                    foreach (var kind in kinds)
                        await Soak.MeasureAsync(kind, folder, scenario, options.Minutes);
                    break;
                default:
                    Report.Print(scenario, await MeasureAsync(scenario, kinds, folder, options));
                    break;
            }
        }
    }

    private static async Task<IReadOnlyDictionary<ServerKind, List<Measurement>>> MeasureAsync(
        Scenario scenario,
        List<ServerKind> kinds,
        WorkFolder folder,
        LoadOptions options)
    {
        var results = kinds.ToDictionary(static kind => kind, static _ => new List<Measurement>());
        if (scenario.Kind is ScenarioKind.Idle or ScenarioKind.IdleCpu or ScenarioKind.IdleAlive)
        {
            for (var round = 0; round < options.Rounds; round++)
            {
                foreach (var kind in kinds)
                {
                    results[kind].Add(scenario.Kind == ScenarioKind.Idle
                        ? await Sessions.MeasureAsync(kind, folder, scenario)
                        : await Sessions.MeasureIdleAsync(kind, folder, scenario));
                }
            }

            return results;
        }

        var servers = new Dictionary<ServerKind, ServerProcess>();
        try
        {
            foreach (var kind in kinds)
                servers[kind] = await ServerProcess.StartAsync(kind, folder);
            for (var round = 0; round < options.Rounds; round++)
            {
                foreach (var kind in kinds)
                {
                    results[kind].Add(scenario.Kind == ScenarioKind.Open
                        ? await Sessions.MeasureOpeningAsync(servers[kind], Dialect.For(kind, scenario, options.Resumes), scenario, first: round == 0)
                        : await MeasureAsync(servers[kind], Dialect.For(kind, scenario, options.Resumes), scenario, first: round == 0, options.Seconds));
                }
            }
        }
        finally
        {
            foreach (var server in servers.Values)
                await server.DisposeAsync();
        }

        return results;
    }

    private static async Task<Measurement> MeasureAsync(ServerProcess server, Dialect dialect, Scenario scenario, bool first, double seconds)
    {
        await using ILoad load = scenario.Kind is ScenarioKind.FanOut or ScenarioKind.FanOutChannels
            ? await FanOutLoad.StartAsync(server.Port, dialect, scenario.Connections)
            : await RequestLoad.StartAsync(server.Port, dialect, scenario.Connections, scenario.InFlight);
        await Task.Delay(WarmUp);
        // The first run of a server has its code compiled, in tiers; later ones have only their connections to warm.
        if (first)
            await server.WaitUntilCompiledAsync();
        var latencies = new LatencyHistogram { Recording = true };
        load.Latencies = latencies;
        var repliesBefore = load.Replies;
        var before = server.Usage;
        var started = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var after = server.Usage;
        var units = (load.Replies - repliesBefore) * scenario.Units;
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        latencies.Recording = false;
        load.ThrowIfFailed();
        if (units <= 0)
            throw new InvalidOperationException($"{scenario.Name}: nothing was answered in {seconds} s");
        return new Measurement(
            (after.CpuMicroseconds - before.CpuMicroseconds) / units,
            units / elapsed,
            latencies.Microseconds(0.5),
            latencies.Microseconds(0.99),
            after.ResidentKiB / KiB);
    }
}
