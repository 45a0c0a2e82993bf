using System.Diagnostics;

namespace Ducts.Load;

/// <summary>Very many sessions that are cut at once and all come back.</summary>
internal static class Storm
{
    // Of a process beside its sockets, and what a server keeps free: a sixteenth.
    private const int OtherFiles = 500;
    private const int FreeShare = 16;
    private const int WarmUpSessions = 500;
    private const int TickMilliseconds = 5_000;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static async Task MeasureAsync(ServerKind kind, WorkFolder folder, Scenario scenario, int rounds)
    {
        var files = OpenFiles.Limit();
        var count = Math.Min(scenario.Connections, files - (files / FreeShare) - OtherFiles);
        await using var server = await ServerProcess.StartAsync(kind, folder);
        await using (var few = await ResumingSessions.OpenAsync(server.Port, Math.Min(WarmUpSessions, count), TickMilliseconds, calls: false))
        {
            await CutAsync(few);
            await server.WaitUntilCompiledAsync();
        }

        await using var sessions = await ResumingSessions.OpenAsync(server.Port, count, TickMilliseconds, calls: false);
        Report.BeginStorm(kind, count);
        for (var round = 1; round <= rounds; round++)
        {
            await Task.Delay(Settle);
            var before = server.Usage;
            var (seconds, latencies) = await CutAsync(sessions);
            var after = server.Usage;
            // What was made meanwhile has come once each stream has gone on.
            var items = sessions.All.Select(static session => session.Items).ToArray();
            var started = Stopwatch.GetTimestamp();
            while (sessions.All.Zip(items).Any(static pair => pair.First.Items <= pair.Second) && Stopwatch.GetElapsedTime(started) < Patience)
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            Report.StormRound(
                round,
                seconds,
                latencies,
                (after.CpuMicroseconds - before.CpuMicroseconds) / count,
                after.ResidentKiB / 1024.0,
                sessions.All.Sum(static session => session.Wrong),
                sessions.All.Zip(items).Count(static pair => pair.First.Items <= pair.Second));
        }
    }

    private static async Task<(double Seconds, double[] Latencies)> CutAsync(ResumingSessions sessions)
    {
        var started = Stopwatch.GetTimestamp();
        Parallel.ForEach(sessions.All, static session => session.Cut());
        await Task.WhenAll(sessions.All.Select(static session => session.Back)).WaitAsync(Patience);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return (seconds, [.. sessions.All.Select(session => Stopwatch.GetElapsedTime(started, session.WelcomeTime).TotalSeconds).Order()]);
    }
}
