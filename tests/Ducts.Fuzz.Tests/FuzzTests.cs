namespace Ducts.Fuzz;

/// <summary>A few seconds of each target. Set <c>DUCTS_TEST_FUZZ</c> to the seconds of a longer run, or use <c>eng/fuzz</c>.</summary>
public class FuzzTests(ITestOutputHelper output)
{
    public static TheoryData<string> Targets => [.. FuzzTargets.Names];

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_target_withstands_what_is_made_of_its_seeds(string name) =>
        output.WriteLine(new FuzzRun(FuzzTargets.Create(name)).Run(name switch { "discovery" => 1_500, "ini" => 2_500, _ => 8_000 }));

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_target_withstands_what_once_broke_it(string name)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Findings", name);
        var target = FuzzTargets.Create(name);
        foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder) : [])
        {
            target.Run(File.ReadAllBytes(file));
        }
    }

    [Fact]
    public void A_fault_is_found_and_told_with_what_repeats_it()
    {
        var fault = Assert.Throws<FuzzException>(() => new FuzzRun(new BrokenTarget()).Run(50_000));

        Assert.Contains($"made with seed {FuzzRun.Seed}", fault.Message, StringComparison.Ordinal);
        Assert.Contains("eng/fuzz broken ", fault.Message, StringComparison.Ordinal);
        Assert.IsType<IndexOutOfRangeException>(fault.InnerException);
    }

    /// <summary>Trusts the length that is announced.</summary>
    private sealed class BrokenTarget : IFuzzTarget
    {
        public string Name => "broken";

        public IReadOnlyList<byte[]> Seeds { get; } = [[0x93, 3, 1, 2, 3]];

        public void Run(ReadOnlySpan<byte> input)
        {
            if (input is [0x93, var length, ..])
            {
                for (var i = 0; i < length; i++)
                {
                    _ = input[2 + i];
                }
            }
        }
    }
}
