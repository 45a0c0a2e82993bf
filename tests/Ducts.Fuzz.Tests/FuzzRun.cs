using System.Diagnostics;
using System.Globalization;

namespace Ducts.Fuzz;

/// <summary>Runs a target on inputs that are made of its seeds.</summary>
internal sealed class FuzzRun(IFuzzTarget target)
{
    // Far beyond what any input takes on a machine that is busy with something else.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private byte[] _input = [];
    private int _round;

    /// <summary>Gets the seed of this run; one that failed is repeated by its seed.</summary>
    public static int Seed { get; } = int.Parse(Environment.GetEnvironmentVariable("DUCTS_TEST_SEED") ?? "20261126", CultureInfo.InvariantCulture);

    /// <summary>Gets how long each target runs; null for as many inputs as it is asked for.</summary>
    public static TimeSpan? Duration { get; } =
        Environment.GetEnvironmentVariable("DUCTS_TEST_FUZZ") is { Length: > 0 } seconds ? TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)) : null;

    /// <summary>Runs the seeds, then inputs that are made of them.</summary>
    /// <returns>What was run.</returns>
    /// <exception cref="FuzzException">Something did not hold, or did not end.</exception>
    public string Run(int count)
    {
        Exception? fault = null;
        // Of its own, so that an input that does not end does not end the report of it.
        var thread = new Thread(() => fault = RunAll(count), 4 * 1024 * 1024) { IsBackground = true };
        thread.Start();
        for (var seen = -1; !thread.Join(Patience); seen = Volatile.Read(ref _round))
        {
            if (seen == Volatile.Read(ref _round))
            {
                throw Describe("did not end", null);
            }
        }

        return fault is null ? $"{target.Name}: {_round} inputs, seed {Seed}" : throw fault;
    }

    private FuzzException? RunAll(int count)
    {
        try
        {
            foreach (var seed in target.Seeds)
            {
                RunOne(seed);
            }

            var clock = Stopwatch.StartNew();
            var mutator = new Mutator(target.Seeds, new Random(Seed));
            for (var i = 0; Duration is { } duration ? clock.Elapsed < duration : i < count; i++)
            {
                RunOne(mutator.Next());
            }

            return null;
        }
        catch (Exception exception)
        {
            return Describe("failed", exception);
        }
    }

    private void RunOne(byte[] input)
    {
        _input = input;
        Volatile.Write(ref _round, _round + 1);
        target.Run(input);
    }

    private FuzzException Describe(string what, Exception? exception)
    {
        var file = Path.Combine(Path.GetTempPath(), $"ducts-fuzz-{target.Name}-{Seed}-{_round}");
        File.WriteAllBytes(file, _input);
        return new FuzzException(
            $"""
            Input {_round} of {target.Name}, made with seed {Seed}, {what}: {exception?.Message}
            Bytes: {Convert.ToHexStringLower(_input)}
            Repeat it by: eng/fuzz {target.Name} {file}
            """,
            exception);
    }
}
