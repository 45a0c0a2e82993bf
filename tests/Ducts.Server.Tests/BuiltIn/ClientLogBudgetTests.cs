using Ducts.BuiltIn;

namespace Ducts.Tests.BuiltIn;

public sealed class ClientLogBudgetTests
{
    [Fact]
    public void A_session_has_a_tenth_of_the_lines_and_all_together_have_no_more_than_the_rate()
    {
        var time = new SetTime();
        var budget = new ClientLogBudget(20, time);

        Assert.Equal([true, true, false, false], Enumerable.Range(0, 4).Select(_ => budget.TryTake("a", out var _)));
        Assert.Equal(18, Enumerable.Range(0, 100).Count(i => budget.TryTake($"s{i}", out _)));

        time.Now++;
        Assert.True(budget.TryTake("a", out _));
    }

    [Fact]
    public void The_first_line_of_a_second_that_is_not_written_is_told()
    {
        var time = new SetTime();
        var budget = new ClientLogBudget(1, time);

        Assert.Equal([(true, false), (false, true), (false, false)], Enumerable.Range(0, 3).Select(_ => (budget.TryTake("a", out var first), first)));
        time.Now++;
        Assert.Equal([(true, false), (false, true), (false, false)], Enumerable.Range(0, 3).Select(_ => (budget.TryTake("b", out var first), first)));
    }

    private sealed class SetTime : TimeProvider
    {
        public long Now { get; set; } = 100;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Now;
    }
}
