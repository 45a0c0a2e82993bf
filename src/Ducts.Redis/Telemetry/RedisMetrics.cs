using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ducts.Redis.Telemetry;

/// <summary>The meter <c>Ducts.Redis</c> of one client.</summary>
internal sealed class RedisMetrics : IDisposable
{
    public const string MeterName = "Ducts.Redis";

    // The default buckets, from 5 to 10000, are milliseconds: in seconds every command would be in the first.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _duration;

    public RedisMetrics(RedisClient client)
    {
        _duration = _meter.CreateHistogram<double>("redis.command.duration", "s", "From handing a command over to its outcome.", tags: null, Seconds);
        _meter.CreateObservableCounter("redis.commands", () => client.Queue?.Commands ?? 0, "{command}", "Commands handed over.");
        _meter.CreateObservableCounter("redis.reconnects", () => client.Link?.Reconnects ?? 0, "{reconnect}", "Connections for commands that were lost and sought anew.");
        _meter.CreateObservableGauge("redis.queue.length", () => client.Queue?.Waiting ?? 0, "{command}", "Commands that wait for a connection.");
        _meter.CreateObservableGauge("redis.unanswered", () => client.Queue?.Unanswered ?? 0, "{command}", "Commands sent that wait for their reply.");
        _meter.CreateObservableGauge("redis.subscriptions", () => client.Hub?.Count ?? 0, "{subscription}", "Channels and patterns subscribed to.");
    }

    /// <summary>A time stamp; 0 if nobody listens.</summary>
    public long Start() => _duration.Enabled ? Stopwatch.GetTimestamp() : 0;

    public void Stop(long started) => _duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);

    public void Dispose() => _meter.Dispose();
}
