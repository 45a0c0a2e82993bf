using System.Diagnostics;

namespace Ducts.Redis.Bench;

/// <summary>The client: so many callers at once, each waiting for its reply before its next command.</summary>
internal static class Subject
{
    public static async Task<Measurement> RunAsync(RedisClient redis, int callers, int count, Func<RedisClient, ValueTask<RedisReply>> command)
    {
        var each = count / callers;
        using var self = Process.GetCurrentProcess();
        GC.Collect();
        var processor = self.TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        var running = new Task[callers];
        for (var i = 0; i < callers; i++)
        {
            running[i] = Task.Run(() => CallAsync(redis, each, command));
        }

        await Task.WhenAll(running);
        var elapsed = Stopwatch.GetElapsedTime(start);
        self.Refresh();
        var total = (double)each * callers;
        return new Measurement(
            total / elapsed.TotalSeconds,
            (self.TotalProcessorTime - processor).TotalMicroseconds / total,
            (GC.GetTotalAllocatedBytes(precise: true) - allocated) / total);
    }

    private static async Task CallAsync(RedisClient redis, int count, Func<RedisClient, ValueTask<RedisReply>> command)
    {
        for (var i = 0; i < count; i++)
        {
            await command(redis);
        }
    }
}
