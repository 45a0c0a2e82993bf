using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Hosting;

/// <summary>
/// Gives memory back to the system when most of many sessions have gone. A server that has little to do afterwards
/// allocates little, so that the collector has no reason of its own to run, and keeps for hours what it once needed.
/// </summary>
internal sealed class MemoryReturn(ISessionCollection sessions, TimeProvider time, ILogger<MemoryReturn> logger) : BackgroundService
{
    // The collection that gives memory back stops all threads: 75 ms where 25 MiB lived, so some tenths of a second with
    // this much. A process that keeps more is large anyway.
    private const long MaxLiveBytes = 128 * 1024 * 1024;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Collects beside the running threads, and, when little lives, once more so that memory goes back.</summary>
    /// <returns>Whether it was given back.</returns>
    public static async Task<bool> ReturnAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var before = LastFull().Index;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        var started = time.GetTimestamp();
        while (LastFull().Index <= before)
        {
            if (time.GetElapsedTime(started) > Patience)
                return false;
            await Task.Delay(Period / 10, time, cancellationToken);
        }

        var full = LastFull();
        if (full.HeapSizeBytes - full.FragmentedBytes > MaxLiveBytes)
            return false;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var ebb = new SessionEbb();
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (!ebb.HasEbbed(sessions.Count))
                    continue;
                var before = Environment.WorkingSet;
                if (await ReturnAsync(time, stoppingToken))
                    ServiceLog.MemoryReturned(logger, before >> 20, Environment.WorkingSet >> 20);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    // With or without a collector that runs beside the program.
    private static GCMemoryInfo LastFull()
    {
        var (background, blocking) = (GC.GetGCMemoryInfo(GCKind.Background), GC.GetGCMemoryInfo(GCKind.FullBlocking));
        return background.Index > blocking.Index ? background : blocking;
    }
}
