using System.Globalization;
using Microsoft.Coyote.Logging;
using Microsoft.Coyote.Runtime;
using Microsoft.Coyote.SystematicTesting;
using Configuration = Microsoft.Coyote.Configuration;

// Coyote counts the threads of the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Ducts.Concurrency;

/// <summary>Runs a scenario in many orders of its threads.</summary>
/// <remarks>
/// The seed is the same in each run, so that a failure comes again. <c>DUCTS_TEST_SCHEDULES</c> multiplies the number of
/// orders, and each multiple has a seed of its own, which a failure names; <c>DUCTS_TEST_SEED</c> begins with that one.
/// </remarks>
internal static class Exploration
{
    // How long nothing may happen before Coyote calls it a hang; a deadlock it sees at once. Far beyond any pause of a busy machine.
    private const uint Patience = 60_000;

    // Beyond these the priorities end, so that what waits for another in a loop sees it run.
    private const uint PrioritySteps = 600;
    private const uint MaxSteps = 20_000;

    private const int RestingSteps = 100;

    // Each order takes the next seed, so those of a round have to be far from those of the next.
    private const uint SeedsOfRound = 1_000_000;

    private static readonly uint Seed = Variable("DUCTS_TEST_SEED", 20261126);
    private static readonly uint Rounds = Variable("DUCTS_TEST_SCHEDULES", 1);

    /// <summary>Fails when an order is found in which the scenario throws, or does not end.</summary>
    public static void Passes(Func<Task> scenario, uint schedules = 90)
    {
        // That nothing is found says something only where something would be.
        Finds(PlantedBugs.LoseWakeUpAsync);
        foreach (var report in Explore(scenario, schedules))
        {
            Assert.True(report is null, report);
        }
    }

    /// <summary>Fails when no order is found in which the scenario throws, or does not end.</summary>
    /// <returns>What was found.</returns>
    public static string Finds(Func<Task> scenario, uint schedules = 600)
    {
        var bug = Explore(scenario, schedules).FirstOrDefault(static report => report is not null);
        Assert.True(bug is not null, "The bug was not found.");
        return bug;
    }

    private static IEnumerable<string?> Explore(Func<Task> scenario, uint schedules)
    {
        for (var round = 0u; round < Rounds; round++)
        {
            var seed = unchecked(Seed + (round * SeedsOfRound));
            // Random orders find what needs many switches of threads, priorities what needs few at the right places. Where a lock is
            // missing there is no place to switch but the fields.
            yield return Run(scenario, Create(schedules / 3, seed).WithRandomStrategy());
            yield return Run(scenario, Create(schedules / 3, seed).WithRandomStrategy().WithMemoryAccessRaceCheckingEnabled(true));
            yield return Run(scenario, Create(schedules / 3, seed).WithPrioritizationStrategy(isFair: true, priorityChangeBound: 5));
        }
    }

    // Without WithNoBugTraceRepro: it lets threads run as they like, with pauses here and there, and explores nothing.
    private static Configuration Create(uint schedules, uint seed) => Configuration.Create()
        .WithTestingIterations(schedules)
        .WithRandomGeneratorSeed(seed)
        .WithMaxSchedulingSteps(PrioritySteps, MaxSteps)
        .WithDeadlockTimeout(Patience)
        .WithTelemetryEnabled(false)
        .WithTraceAnalysisEnabled(false)
        // What Coyote does not control is an error, or it could tell no deadlock from a thread that it does not see.
        .WithPartiallyControlledConcurrencyAllowed(false)
        .WithSystematicFuzzingFallbackEnabled(false)
        .WithAtomicOperationRaceCheckingEnabled(true)
        .WithVolatileOperationRaceCheckingEnabled(true);

    private static uint Variable(string name, uint otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? uint.Parse(value, CultureInfo.InvariantCulture) : otherwise;

    /// <returns>What was found; null for nothing.</returns>
    private static string? Run(Func<Task> scenario, Configuration configuration)
    {
        string? found = null;
        // Of its own: xunit's threads have a synchronization context.
        var thread = new Thread(() =>
        {
            using var log = new MemoryLogger(VerbosityLevel.None);
            using var engine = TestingEngine.Create(configuration, () => RunToRestAsync(scenario));
            engine.SetLogger(log);
            engine.Run();
            found = Describe(engine.TestReport, configuration);
        });
        thread.Start();
        thread.Join();
        return found;
    }

    private static string? Describe(TestReport report, Configuration configuration)
    {
        var seed = $"DUCTS_TEST_SEED={configuration.RandomGeneratorSeed}";
        if (report.NumOfFoundBugs > 0 || report.InternalErrors.Count > 0)
        {
            return $"{seed}: {string.Join('\n', report.BugReports.Concat(report.InternalErrors))}";
        }

        var (explored, differ, cut) = (report.NumOfExploredFairPaths, report.CoverageInfo.ExploredPaths.Count, report.MaxFairStepsHitInFairTests);
        // Few orders that differ: Coyote did not choose them, or the scenario has none.
        return explored == configuration.TestingIterations && cut == 0 && differ * 4 > explored
            ? null
            : $"{seed}: of {configuration.TestingIterations} orders {explored} were explored, {differ} of them differ, and {cut} did not end.";
    }

    // Coyote cuts off what still runs when a scenario has ended, and now and then fails in that.
    private static async Task RunToRestAsync(Func<Task> scenario)
    {
        await scenario();
        for (var i = 0; i < RestingSteps; i++)
        {
            SchedulingPoint.Yield();
        }
    }
}
