namespace Ducts.Load;

/// <summary>Some seconds of the scenario <c>credits</c>.</summary>
/// <param name="PerSecond">Items of the nine streams that are read at full speed.</param>
/// <param name="Calls">Latencies of the calls beside them.</param>
/// <param name="SlowItems">Items of the slow one that have come.</param>
internal sealed record CreditPhase(double PerSecond, LatencyHistogram Calls, long SlowItems);
