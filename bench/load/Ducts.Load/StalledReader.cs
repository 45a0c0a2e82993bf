using System.Diagnostics;

namespace Ducts.Load;

/// <summary>A reader that stops for a minute in the middle of a stream of a gigabyte, while others call.</summary>
internal static class StalledReader
{
    private const int FloodEvent = 1007;
    private const int ItemBytes = 64 * 1024;
    private const int Items = 1_000_000_000 / ItemBytes;
    private const int BufferSize = 64 * 1024;
    private static readonly TimeSpan Stop = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private static readonly Scenario Calls = new("calls", ScenarioKind.Echo, 1, 1);

    public static async Task MeasureAsync(ServerKind kind, WorkFolder folder, LoadOptions options)
    {
        await using var server = await ServerProcess.StartAsync(kind, folder);
        var dialect = Dialect.For(kind, Calls);
        await using var others = await RequestLoad.StartAsync(server.Port, dialect, connections: 16, inFlight: 1);
        // Once to the end, so that code is compiled and buffers are there; then the others alone, as long as beside it.
        await WarmUpAsync(server.Port, dialect);
        await MeasureAsync(others, server, options.Seconds);
        var before = await MeasureAsync(others, server, Stop.TotalSeconds);

        using var reader = await LoadConnection.OpenAsync(server.Port, dialect, BufferSize);
        var answered = false;
        reader.Ended = length => answered |= length is > 16 and < 64;
        await reader.SendAsync(PackedDialect.Call(1, FloodEvent, Items));
        var messages = await ReceiveAsync(reader, Items / 2);
        var during = await MeasureAsync(others, server, Stop.TotalSeconds);
        // A request on the same socket, which is answered once it is read again.
        await reader.SendAsync(dialect.Request);
        messages = await ReceiveAsync(reader, Items + 2, messages);
        others.ThrowIfFailed();
        Report.PrintStalled(kind, before, during, messages == Items + 2 && answered);
        await reader.CloseAsync();
    }

    private static async Task WarmUpAsync(int port, Dialect dialect)
    {
        using var reader = await LoadConnection.OpenAsync(port, dialect, BufferSize);
        await reader.SendAsync(PackedDialect.Call(1, FloodEvent, Items));
        await ReceiveAsync(reader, Items + 1);
        await reader.CloseAsync();
    }

    private static async Task<int> ReceiveAsync(LoadConnection reader, int wanted, int messages = 0)
    {
        while (messages < wanted)
            messages += await reader.ReceiveAsync();
        return messages;
    }

    private static async Task<StallPhase> MeasureAsync(RequestLoad others, ServerProcess server, double seconds)
    {
        var latencies = new LatencyHistogram { Recording = true };
        others.Latencies = latencies;
        var (least, most) = (long.MaxValue, 0L);
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
        {
            await Task.Delay(Look);
            var resident = server.Usage.ResidentKiB;
            (least, most) = (Math.Min(least, resident), Math.Max(most, resident));
        }

        latencies.Recording = false;
        return new StallPhase(least, most, latencies);
    }
}
