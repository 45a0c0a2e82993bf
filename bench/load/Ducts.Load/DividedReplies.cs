using System.Diagnostics;

namespace Ducts.Load;

/// <summary>Small calls, one after the other, on a connection that gets replies of 100 MB meanwhile.</summary>
internal static class DividedReplies
{
    private const int LargeEvent = 1008;
    private const int LargeBytes = 100_000_000;
    private const int BufferSize = 512 * 1024;

    // Of [1, DIVIDED_RESPONSE_END, null].
    private const int EndLength = 4;

    private static readonly Scenario Calls = new("calls", ScenarioKind.Echo, 1, 1);

    public static async Task MeasureAsync(ServerKind kind, WorkFolder folder, LoadOptions options)
    {
        await using var server = await ServerProcess.StartAsync(kind, folder);
        var dialect = Dialect.For(kind, Calls);
        var replyLength = await ReplyLengthAsync(server.Port, dialect);
        using var connection = await LoadConnection.OpenAsync(server.Port, dialect, BufferSize);
        await RunAsync(connection, dialect, replyLength, large: 0, seconds: options.Seconds);
        var alone = await RunAsync(connection, dialect, replyLength, large: 0, seconds: options.Seconds);
        await RunAsync(connection, dialect, replyLength, large: 1, seconds: 0);
        var started = Stopwatch.GetTimestamp();
        var large = 10 * options.Rounds;
        var beside = await RunAsync(connection, dialect, replyLength, large, seconds: 0);
        Report.PrintDivided(kind, large, LargeBytes / 1e6 * large / Stopwatch.GetElapsedTime(started).TotalSeconds, alone, beside, server.Usage.ResidentKiB);
        await connection.CloseAsync();
    }

    private static async Task<long> ReplyLengthAsync(int port, Dialect dialect)
    {
        using var connection = await LoadConnection.OpenAsync(port, dialect, BufferSize);
        var length = 0L;
        connection.Ended = ended => length = ended;
        await connection.SendAsync(dialect.Request);
        while (await connection.ReceiveAsync() == 0)
        {
        }

        await connection.CloseAsync();
        return length;
    }

    // Calls until so many large replies have come whole, or for so long.
    private static async Task<LatencyHistogram> RunAsync(LoadConnection connection, Dialect dialect, long replyLength, int large, double seconds)
    {
        var latencies = new LatencyHistogram { Recording = true };
        var request = PackedDialect.Call(1, LargeEvent, null);
        var (replies, ends) = (0, 0);
        connection.Ended = length =>
        {
            replies += length == replyLength ? 1 : 0;
            ends += length == EndLength ? 1 : 0;
        };
        var started = Stopwatch.GetTimestamp();
        for (var asked = 0; ends < large || (large == 0 && Stopwatch.GetElapsedTime(started).TotalSeconds < seconds);)
        {
            if (asked == ends && asked < large)
            {
                asked++;
                await connection.SendAsync(request);
            }

            var sent = Stopwatch.GetTimestamp();
            var before = replies;
            await connection.SendAsync(dialect.Request);
            while (replies == before)
                await connection.ReceiveAsync();
            latencies.Add(Stopwatch.GetTimestamp() - sent);
        }

        return latencies;
    }
}
