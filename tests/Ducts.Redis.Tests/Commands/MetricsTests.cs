using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Ducts.Redis.Tests;

public sealed class MetricsTests
{
    [Fact]
    public async Task The_meter_counts_commands_latencies_and_reconnects()
    {
        var measured = new ConcurrentDictionary<string, double>();
        var durations = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Ducts.Redis")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) =>
        {
            Assert.InRange(value, 0, 100);
            Interlocked.Increment(ref durations);
        });
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => measured.AddOrUpdate(instrument.Name, value, (_, old) => old + value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => measured.AddOrUpdate(instrument.Name, value, (_, old) => old + value));
        listener.Start();

        await using var server = await RedisServer.StartAsync();
        await using var redis = await server.ConnectAsync();
        await using var subscription = await redis.SubscribeAsync("c");
        for (var i = 0; i < 100; i++)
        {
            await redis.ExecuteAsync("PING");
        }

        await server.CliAsync("CLIENT", "KILL", "TYPE", "normal");
        await Until.TrueAsync(() => redis.Status.Reconnects == 1 && redis.IsConnected, "the connection is regained");
        listener.RecordObservableInstruments();

        // Other tests' clients are measured too, so these are lower bounds.
        Assert.True(durations >= 100);
        Assert.True(measured["redis.commands"] >= 100);
        Assert.True(measured["redis.reconnects"] >= 1);
        Assert.True(measured["redis.subscriptions"] >= 1);
        Assert.Contains("redis.queue.length", measured.Keys);
        Assert.Contains("redis.unanswered", measured.Keys);
    }

    [Fact]
    public async Task Durations_are_told_apart_from_microseconds_to_seconds()
    {
        var buckets = new ConcurrentQueue<IReadOnlyList<double>?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument is Histogram<double> { Name: "redis.command.duration" } duration)
            {
                buckets.Enqueue(duration.Advice?.HistogramBucketBoundaries);
            }
        };
        listener.Start();

        await using var server = await RedisServer.StartAsync();
        await using var redis = await server.ConnectAsync();

        Assert.NotEmpty(buckets);
        Assert.All(buckets, static boundaries =>
        {
            Assert.NotNull(boundaries);
            Assert.Equal((0.00005, 10), (boundaries[0], boundaries[^1]));
            Assert.Equal(boundaries.Order(), boundaries);
        });
    }
}
