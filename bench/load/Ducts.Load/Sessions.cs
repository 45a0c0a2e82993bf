using System.Diagnostics;

namespace Ducts.Load;

/// <summary>What sessions cost that are only held.</summary>
internal static class Sessions
{
    private const double KiB = 1024;

    // Of a process beside its sockets: assemblies, pipes, the connections that call meanwhile.
    private const int OtherFiles = 500;

    private static readonly Scenario Calls = new("calls", ScenarioKind.Echo, 1, 1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    // Opened before the first round: by then what is hot has been found, though it is not compiled yet.
    private const int WarmUpRounds = 4;

    private static readonly TimeSpan MaxSettle = TimeSpan.FromSeconds(15);

    public static async Task<Measurement> MeasureAsync(ServerKind kind, WorkFolder folder, Scenario scenario)
    {
        await using var server = await ServerProcess.StartAsync(kind, folder);
        var dialect = Dialect.For(kind, scenario);
        await WarmUpAsync(server, dialect);
        var before = await SettleAsync(server);
        var started = Stopwatch.GetTimestamp();
        await using var held = await HeldConnections.OpenAsync(server.Port, dialect, scenario.Connections);
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var after = await SettleAsync(server);
        ThrowIfClosed(held, scenario.Connections);
        return new Measurement((double)(after - before) / scenario.Connections, scenario.Connections / elapsed, 0, 0, after / KiB);
    }

    /// <summary>The server's CPU time while the sessions do nothing.</summary>
    public static async Task<Measurement> MeasureIdleAsync(ServerKind kind, WorkFolder folder, Scenario scenario)
    {
        await using var server = await ServerProcess.StartAsync(kind, folder);
        var dialect = Dialect.For(kind, scenario);
        await using var held = await HeldConnections.OpenAsync(server.Port, dialect, scenario.Connections);
        await Task.Delay(WarmUp);
        await server.WaitUntilCompiledAsync();
        var started = Stopwatch.GetTimestamp();
        var before = server.Usage;
        await Task.Delay(Idle);
        var after = server.Usage;
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        ThrowIfClosed(held, scenario.Connections);
        return new Measurement((after.CpuMicroseconds - before.CpuMicroseconds) / scenario.Connections / elapsed, 0, 0, 0, after.ResidentKiB / KiB);
    }

    /// <summary>The server's CPU time for clients who all come at once.</summary>
    public static async Task<Measurement> MeasureOpeningAsync(ServerProcess server, Dialect dialect, Scenario scenario, bool first)
    {
        for (var round = 0; first && round < WarmUpRounds; round++)
        {
            await using (await HeldConnections.OpenAsync(server.Port, dialect, scenario.Connections))
                await server.WaitUntilCompiledAsync();
        }

        // What the sessions of the last round left is not counted for these.
        await Task.Delay(Pause);
        var started = Stopwatch.GetTimestamp();
        var before = server.Usage;
        await using var held = await HeldConnections.OpenAsync(server.Port, dialect, scenario.Connections);
        var after = server.Usage;
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        ThrowIfClosed(held, scenario.Connections);
        return new Measurement((after.CpuMicroseconds - before.CpuMicroseconds) / scenario.Connections, scenario.Connections / elapsed, 0, 0, after.ResidentKiB / KiB);
    }

    /// <summary>Holds very many sessions, calls meanwhile, and looks whether the memory comes back.</summary>
    public static async Task HoldAsync(ServerKind kind, WorkFolder folder, Scenario scenario)
    {
        scenario = scenario with { Connections = Math.Min(scenario.Connections, OpenFiles.Limit() - OtherFiles) };
        await using var server = await ServerProcess.StartAsync(kind, folder);
        var dialect = Dialect.For(kind, scenario);
        await WarmUpAsync(server, dialect);
        var before = await SettleAsync(server);
        long during;
        Measurement calls;
        await using (var held = await HeldConnections.OpenAsync(server.Port, dialect, scenario.Connections))
        {
            during = await SettleAsync(server);
            calls = await CallAsync(server);
            ThrowIfClosed(held, scenario.Connections);
        }

        // Memory that is free goes back to the system as the collector comes round, which calls make it do.
        await CallAsync(server);
        var after = await SettleAsync(server);
        Report.PrintHeld(kind, scenario, before / KiB, during / KiB, after / KiB, calls);
    }

    /// <summary>Calls on 64 connections for a while.</summary>
    public static async Task<Measurement> CallAsync(ServerProcess server)
    {
        await using var load = await RequestLoad.StartAsync(server.Port, Dialect.For(ServerKind.Ducts, Calls), connections: 64, inFlight: 1);
        load.Latencies = new LatencyHistogram { Recording = true };
        var started = Stopwatch.GetTimestamp();
        var before = load.Replies;
        await Task.Delay(WarmUp);
        load.ThrowIfFailed();
        var perSecond = (load.Replies - before) / Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new Measurement(0, perSecond, load.Latencies.Microseconds(0.5), load.Latencies.Microseconds(0.99), 0);
    }

    private static async Task WarmUpAsync(ServerProcess server, Dialect dialect)
    {
        await using (await RequestLoad.StartAsync(server.Port, dialect, connections: 64, inFlight: 1))
            await Task.Delay(WarmUp);
    }

    private static async Task<long> SettleAsync(ServerProcess server)
    {
        var started = Stopwatch.GetTimestamp();
        var last = server.Usage.ResidentKiB;
        while (Stopwatch.GetElapsedTime(started) < MaxSettle)
        {
            await Task.Delay(Pause);
            var now = server.Usage.ResidentKiB;
            if (Math.Abs(now - last) * 200 < last)
                return now;
            last = now;
        }

        return last;
    }

    private static void ThrowIfClosed(HeldConnections held, int wanted)
    {
        if (held.Alive != wanted)
            throw new InvalidOperationException($"only {held.Alive} of {wanted} connections are still open");
    }
}
