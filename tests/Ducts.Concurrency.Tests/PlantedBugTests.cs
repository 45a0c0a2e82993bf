namespace Ducts.Concurrency;

/// <summary>When one of these is not found, the other tests prove nothing.</summary>
public class PlantedBugTests
{
    // What Coyote says when it controls all that runs; else it speaks of a potential deadlock, after a while.
    private const string Deadlock = "Deadlock detected.";

    [Fact]
    public void A_deadlock_of_two_locks_is_found() =>
        Assert.Contains(Deadlock, Exploration.Finds(PlantedBugs.CrossLocksAsync), StringComparison.Ordinal);

    [Fact]
    public void A_lost_wake_up_is_found() =>
        Assert.Contains(Deadlock, Exploration.Finds(PlantedBugs.LoseWakeUpAsync), StringComparison.Ordinal);

    [Fact]
    public void A_signal_that_is_overlooked_between_two_atomic_operations_is_found() =>
        Assert.Contains("Assert.Equal", Exploration.Finds(PlantedBugs.OverlookSignalAsync), StringComparison.Ordinal);

    [Fact]
    public void The_same_seed_finds_the_same() =>
        Assert.Equal(Exploration.Finds(PlantedBugs.LoseWakeUpAsync), Exploration.Finds(PlantedBugs.LoseWakeUpAsync));
}
