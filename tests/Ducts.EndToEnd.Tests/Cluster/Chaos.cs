namespace Ducts.EndToEnd.Cluster;

/// <summary>How much <see cref="ChaosTests"/> does.</summary>
/// <param name="Clients">Clients of each kind.</param>
/// <param name="Seconds">How long nodes and connections are disturbed.</param>
/// <param name="Seed">What everything is chosen by.</param>
/// <remarks>Set DUCTS_TEST_CHAOS to <c>20x600</c> (clients, seconds) for the long run, DUCTS_TEST_SEED to repeat one.</remarks>
internal sealed record Chaos(int Clients, int Seconds, int Seed)
{
    public static Chaos FromEnvironment()
    {
        var amounts = (Environment.GetEnvironmentVariable("DUCTS_TEST_CHAOS") ?? "6x20").Split('x');
        var seed = Environment.GetEnvironmentVariable("DUCTS_TEST_SEED") is { Length: > 0 } wanted ? int.Parse(wanted) : Environment.TickCount & 0xffffff;
        return new Chaos(int.Parse(amounts[0]), int.Parse(amounts[1]), seed);
    }
}

/// <summary>What is done to a cluster.</summary>
internal enum Disturbance
{
    /// <summary>A node is killed, and started again.</summary>
    Kill,

    /// <summary>A node stands still for longer than it counts as alive, and goes on then.</summary>
    Stop,

    /// <summary>All connections between the clients and nginx are cut.</summary>
    Cut,
}
