using System.Diagnostics;

namespace Ducts.Load;

/// <summary>From the start of the process to its first answer, with handlers that were compiled before.</summary>
internal static class Starts
{
    public static async Task MeasureAsync(ServerKind kind, WorkFolder folder, int rounds)
    {
        var dialect = Dialect.For(kind, Scenario.All.First(static scenario => scenario.Kind == ScenarioKind.Start));
        var runs = new List<(double Wall, double Cpu, double Resident)>();
        for (var round = 0; round < rounds; round++)
            runs.Add(await MeasureAsync(kind, folder, dialect));
        Report.PrintStarts(
            kind,
            Report.Median(runs.Select(static run => run.Wall)),
            Report.Median(runs.Select(static run => run.Cpu)),
            Report.Median(runs.Select(static run => run.Resident)));
    }

    private static async Task<(double Wall, double Cpu, double ResidentMiB)> MeasureAsync(ServerKind kind, WorkFolder folder, Dialect dialect)
    {
        var started = Stopwatch.GetTimestamp();
        await using var server = await ServerProcess.StartAsync(kind, folder);
        using var connection = await LoadConnection.OpenAsync(server.Port, dialect, bufferSize: 1024);
        await connection.SendAsync(dialect.Request);
        while (await connection.ReceiveAsync() == 0)
        {
        }

        var wall = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var usage = server.Usage;
        return (wall, usage.CpuMicroseconds / 1e6, usage.ResidentKiB / 1024.0);
    }
}
