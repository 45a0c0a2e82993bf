using BenchmarkDotNet.Attributes;
using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Benchmarks;

/// <summary>Gathering frames for one write. The outbox is closed and renewed in between, as no socket takes from it here.</summary>
[MemoryDiagnoser]
public class OutboxBenchmarks
{
    private const int Messages = 256;
    private readonly byte[] _small = new byte[20];
    private readonly byte[] _middle = new byte[1024];

    [Benchmark(OperationsPerInvoke = Messages)]
    public long Small() => Gather(_small);

    [Benchmark(OperationsPerInvoke = Messages)]
    public long Middle() => Gather(_middle);

    private static long Gather(byte[] payload)
    {
        var outbox = new Outbox(limit: 4 * 1024 * 1024);
        for (var i = 0; i < Messages; i++)
            outbox.Append(WireEncoding.MessagePack, payload);
        var bytes = outbox.Bytes;
        outbox.Close();
        return bytes;
    }
}
