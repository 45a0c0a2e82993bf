using BenchmarkDotNet.Attributes;
using Ducts.Tests.Dispatch;

namespace Ducts.Benchmarks;

/// <summary>What a request beyond the rate of its session costs, beside one of a server without a limit.</summary>
[MemoryDiagnoser]
public class RequestRateBenchmarks
{
    private readonly byte[] _text = DispatchHarness.Pack("0123456789abcdef");
    private DispatchHarness _open = null!;
    private DispatchHarness _refused = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _open = new DispatchHarness((string text) => text);
        _refused = new DispatchHarness((string text) => text, static options => (options.Limit.RequestsPerSecond, options.Limit.Burst) = (1, 1));
        _refused.Dispatch(_text);
    }

    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _open.DisposeAsync();
        await _refused.DisposeAsync();
    }

    [Benchmark(Baseline = true)]
    public int NotLimited() => _open.Dispatch(_text);

    [Benchmark]
    public int TooMany() => _refused.Dispatch(_text);
}
