using BenchmarkDotNet.Attributes;
using Ducts.Tests.Dispatch;

namespace Ducts.Benchmarks;

/// <summary>A request's whole way through the server, from its bytes to the frame that answers it.</summary>
[MemoryDiagnoser]
public class DispatchBenchmarks
{
    private readonly byte[] _text = DispatchHarness.Pack("0123456789abcdef");
    private readonly byte[] _item = DispatchHarness.Pack(Item.Sample);
    private DispatchHarness _echo = null!;
    private DispatchHarness _record = null!;
    private DispatchHarness _task = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _echo = new DispatchHarness((string text) => text);
        _record = new DispatchHarness((Item item) => item with { Stock = item.Stock - 1 });
        _task = new DispatchHarness((string text) => Task.FromResult(text));
    }

    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _echo.DisposeAsync();
        await _record.DisposeAsync();
        await _task.DisposeAsync();
    }

    [Benchmark(Baseline = true)]
    public int EchoString() => _echo.Dispatch(_text);

    [Benchmark]
    public int EchoCompletedTask() => _task.Dispatch(_text);

    [Benchmark]
    public int Record() => _record.Dispatch(_item);
}
