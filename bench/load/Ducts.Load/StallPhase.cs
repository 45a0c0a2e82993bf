namespace Ducts.Load;

/// <summary>What was seen of a server and of its other clients over some time.</summary>
/// <param name="LeastKiB">The least memory that was resident.</param>
/// <param name="MostKiB">The most.</param>
/// <param name="Others">Latencies of the others' calls.</param>
internal sealed record StallPhase(long LeastKiB, long MostKiB, LatencyHistogram Others);
