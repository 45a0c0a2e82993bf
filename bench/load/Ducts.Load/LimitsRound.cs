namespace Ducts.Load;

/// <summary>One pair of times of the scenario <c>limits</c>.</summary>
/// <param name="Alone">The honest calls without greedy ones.</param>
/// <param name="AloneCpu">Processors that the server took meanwhile.</param>
/// <param name="Beside">The honest calls beside the greedy ones.</param>
/// <param name="BesideCpu">Processors that the server took meanwhile.</param>
/// <param name="Greedy">The greedy calls.</param>
internal sealed record LimitsRound(HonestCalls.Phase Alone, double AloneCpu, HonestCalls.Phase Beside, double BesideCpu, GreedyPhase Greedy)
{
    public double Ratio(double share) => Beside.Latencies.Microseconds(share) / Alone.Latencies.Microseconds(share);
}
