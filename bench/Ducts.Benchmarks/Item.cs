namespace Ducts.Benchmarks;

/// <summary>A record of six fields, as in the load driver's scenario.</summary>
public sealed record Item(int Id, string Name, double Price, bool Sold, long Stock, string Note)
{
    public static Item Sample { get; } = new(17, "Analytical engine", 1842.5, false, 100_000, "with manual");
}
