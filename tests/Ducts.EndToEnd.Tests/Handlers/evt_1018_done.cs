// The numbers that DO was asked with, in the order in which they came.
public sealed class Done : DuctsHandler
{
    public int[] Handle(string run) => Do.Done.TryGetValue(run, out var done) ? [.. done] : [];
}
