using BenchmarkDotNet.Attributes;
using Ducts.Tests.Dispatch;

namespace Ducts.Benchmarks;

/// <summary>The ways in which arguments may come.</summary>
[MemoryDiagnoser]
public class BindingBenchmarks
{
    private readonly byte[] _byPosition = DispatchHarness.Pack(new object[] { 1, "two", 3.5 });
    private readonly byte[] _byName = DispatchHarness.Pack(new Dictionary<string, object> { ["count"] = 1, ["name"] = "two", ["price"] = 3.5 });
    private DispatchHarness _harness = null!;

    [GlobalSetup]
    public void SetUp() => _harness = new DispatchHarness((int count, string name, double price) => count + name.Length + price);

    [GlobalCleanup]
    public Task CleanUp() => _harness.DisposeAsync().AsTask();

    [Benchmark(Baseline = true)]
    public int ByPosition() => _harness.Dispatch(_byPosition);

    [Benchmark]
    public int ByName() => _harness.Dispatch(_byName);
}
