using System.Diagnostics;
using System.Numerics;

namespace Ducts.Load;

/// <summary>Latencies in buckets that are at most 1/32 of their value wide.</summary>
/// <remarks>Threading: any thread adds.</remarks>
internal sealed class LatencyHistogram
{
    private const int SubBits = 5;
    private const int Sub = 1 << SubBits;

    private readonly long[] _counts = new long[64 * Sub];
    private volatile bool _recording;

    /// <summary>Whether what is added counts; it does not while the servers warm up.</summary>
    public bool Recording { get => _recording; set => _recording = value; }

    /// <summary>How many were added.</summary>
    public double Count => _counts.Sum();

    public void Add(long ticks)
    {
        if (_recording)
            Interlocked.Increment(ref _counts[Bucket(Math.Max(ticks, 1))]);
    }

    /// <summary>The latency that this share of all stayed below, in microseconds.</summary>
    public double Microseconds(double share)
    {
        var wanted = (long)Math.Ceiling(_counts.Sum() * share);
        long seen = 0;
        for (var bucket = 0; bucket < _counts.Length; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= wanted && seen > 0)
                return Value(bucket) * 1e6 / Stopwatch.Frequency;
        }

        return 0;
    }

    private static int Bucket(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - SubBits);
        return (shift << SubBits) + (int)(value >> shift);
    }

    private static double Value(int bucket)
    {
        if (bucket < 2 * Sub)
            return bucket;
        var shift = (bucket >> SubBits) - 1;
        return (Sub + (bucket & (Sub - 1)) + 0.5) * Math.Pow(2, shift);
    }
}
