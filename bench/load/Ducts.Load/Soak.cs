using System.Diagnostics;

namespace Ducts.Load;

/// <summary>Sessions that stream and call while one connection after the other is cut, and the server's memory minute by minute.</summary>
internal static class Soak
{
    private const int TickMilliseconds = 20;

    private static readonly TimeSpan CutEvery = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task MeasureAsync(ServerKind kind, WorkFolder folder, Scenario scenario, int minutes)
    {
        await using var server = await ServerProcess.StartAsync(kind, folder, ("DOTNET_gcServer", "0"));
        await using var sessions = await ResumingSessions.OpenAsync(server.Port, scenario.Connections, TickMilliseconds, calls: true);
        Report.BeginSoak(kind, scenario.Connections);
        var random = new Random(1);
        var cuts = 0;
        for (var minute = 1; minute <= minutes; minute++)
        {
            var before = server.Usage;
            var answers = sessions.All.Sum(static session => session.Answers);
            var started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < Minute)
            {
                var session = sessions.All[random.Next(sessions.All.Count)];
                session.Cut();
                cuts++;
                await session.Back.WaitAsync(Patience);
                await Task.Delay(CutEvery);
            }

            var after = server.Usage;
            var elapsed = Stopwatch.GetElapsedTime(started);
            Report.SoakMinute(
                minute,
                after.ResidentKiB / 1024.0,
                (sessions.All.Sum(static session => session.Answers) - answers) / elapsed.TotalSeconds,
                cuts,
                (after.CpuMicroseconds - before.CpuMicroseconds) / elapsed.TotalMicroseconds,
                sessions.All.Sum(static session => session.Wrong));
        }
    }
}
