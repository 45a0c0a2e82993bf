using System.Globalization;

namespace Ducts.Client.Tests;

/// <summary>Runs random schedules. Each has a seed of its own, which a failure names.</summary>
/// <remarks>DUCTS_TEST_SCHEDULES multiplies how many there are; DUCTS_TEST_SEED begins with that one.</remarks>
internal static class Schedules
{
    private static readonly int Seed = Variable("DUCTS_TEST_SEED", 20261127);
    private static readonly int Rounds = Variable("DUCTS_TEST_SCHEDULES", 1);

    public static async Task RunAsync(int count, int atOnce, Func<int, Task> schedule)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForAsync(0, count * Rounds, options, async (index, _) =>
        {
            var seed = Seed + index;
            try
            {
                await schedule(seed);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"DUCTS_TEST_SEED={seed}: {exception.Message}", exception);
            }
        });
    }

    private static int Variable(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
