using System.Globalization;
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
    // How long nothing may happen before Coyote calls it a deadlock. The first is far beyond any pause of a busy machine.
    private const uint Patience = 60_000;
    private const uint PlantedPatience = 1_000;

    private const int RestingSteps = 100;

    private static readonly uint Seed = Variable("DUCTS_TEST_SEED", 20261126);
    private static readonly uint Rounds = Variable("DUCTS_TEST_SCHEDULES", 1);

    /// <summary>Fails when an order is found in which the scenario throws, or does not end.</summary>
    public static void Passes(Func<Task> scenario, uint schedules = 80)
    {
        foreach (var report in Explore(scenario, schedules, Patience))
        {
            Assert.True(report is null, report);
        }
    }

    /// <summary>Fails when no order is found in which the scenario throws, or does not end.</summary>
    /// <returns>What was found.</returns>
    public static string Finds(Func<Task> scenario, uint schedules = 500)
    {
        var bug = Explore(scenario, schedules, PlantedPatience).FirstOrDefault(static report => report is not null);
        Assert.True(bug is not null, "The bug was not found.");
        return bug;
    }

    private static IEnumerable<string?> Explore(Func<Task> scenario, uint schedules, uint patience)
    {
        for (var round = 0u; round < Rounds; round++)
        {
            // Random orders find what needs many switches of threads, priorities what needs few at the right places.
            yield return Run(scenario, Create(schedules / 2, Seed + round, patience).WithRandomStrategy());
            yield return Run(scenario, Create(schedules - (schedules / 2), Seed + round, patience).WithPrioritizationStrategy(isFair: true, priorityChangeBound: 5));
        }
    }

    private static Configuration Create(uint schedules, uint seed, uint patience) => Configuration.Create()
        .WithTestingIterations(schedules)
        .WithRandomGeneratorSeed(seed)
        .WithMaxSchedulingSteps(20_000)
        .WithDeadlockTimeout(patience)
        .WithTelemetryEnabled(false)
        .WithNoBugTraceRepro(true)
        .WithVerbosityEnabled(Microsoft.Coyote.Logging.VerbosityLevel.None)
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
            using var engine = TestingEngine.Create(configuration, () => RunToRestAsync(scenario));
            engine.Run();Console.Error.WriteLine(engine.GetReport());
            found = engine.TestReport.NumOfFoundBugs == 0
                ? null
                : $"DUCTS_TEST_SEED={configuration.RandomGeneratorSeed}: {string.Join('\n', engine.TestReport.BugReports)}";
        });
        thread.Start();
        thread.Join();
        return found;
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
