using Ducts.Connections;

namespace Ducts.Tests.Connections;

public sealed class MemoryBudgetTests
{
    private const long MiB = 1024 * 1024;

    [Fact]
    public void A_session_is_charged_for_itself_and_for_all_that_it_takes_beyond_its_allowance()
    {
        var budget = new MemoryBudget(64 * MiB);
        var account = budget.Open();
        account.Take(budget.Allowance);
        Assert.Equal(MemoryBudget.SessionCost, budget.Used);

        account.Take(1);
        Assert.Equal(MemoryBudget.SessionCost + budget.Allowance + 1, budget.Used);
        account.Give(budget.Allowance + 1);
        Assert.Equal(MemoryBudget.SessionCost, budget.Used);
        account.Close();
        account.Close();
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void What_is_taken_at_the_end_of_a_session_is_charged_until_it_is_given_back()
    {
        var budget = new MemoryBudget(64 * MiB);
        var account = budget.Open();
        account.Take(MiB);
        account.Close();
        Assert.Equal(MiB, budget.Used);
        account.Give(MiB);
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void The_allowances_of_all_sessions_together_are_a_small_part_of_the_limit()
    {
        var budget = new MemoryBudget(256 * MiB);
        for (var i = 0; i < 512; i++)
            budget.Open();

        Assert.Equal(256 * MiB / 32 / 512, budget.Allowance);
    }

    [Fact]
    public async Task Who_waits_goes_on_when_others_have_given_back_enough()
    {
        var budget = new MemoryBudget(64 * MiB);
        var (large, waiting) = (budget.Open(), budget.Open());
        large.Take(64 * MiB);
        Assert.True(waiting.IsShort(MiB));
        Assert.False(waiting.IsShort(budget.Allowance));
        Assert.False(waiting.TryReserve(MiB));
        var changed = waiting.WhenChanged(8 * MiB);

        large.Give(4 * MiB);
        Assert.False(changed.IsCompleted);
        large.Give(5 * MiB);

        await changed.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(waiting.TryReserve(8 * MiB));
    }

    [Fact]
    public async Task Who_waits_goes_on_when_it_has_given_something_back_itself()
    {
        var budget = new MemoryBudget(64 * MiB);
        var (large, waiting) = (budget.Open(), budget.Open());
        large.Take(64 * MiB);
        waiting.Take(MiB);
        var changed = waiting.WhenChanged();
        Assert.False(changed.IsCompleted);

        waiting.Give(MiB);

        await changed.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task One_at_a_time_gets_more_than_is_left_and_the_next_one_after_it()
    {
        var budget = new MemoryBudget(64 * MiB);
        var (large, one, other) = (budget.Open(), budget.Open(), budget.Open());
        large.Take(64 * MiB);

        Assert.True(one.TryTake(2 * MiB));
        Assert.True(one.TryTake(4 * MiB));
        Assert.False(other.TryTake(2 * MiB));
        Assert.Equal(0, other.Used);
        var changed = other.WhenChanged(2 * MiB);
        Assert.False(changed.IsCompleted);
        one.EndOverdraft();

        await changed.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(other.TryTake(2 * MiB));
    }

    [Fact]
    public void What_is_larger_than_the_limit_may_begin_when_half_of_it_is_free()
    {
        var budget = new MemoryBudget(64 * MiB);
        var account = budget.Open();
        Assert.True(account.TryReserve(500 * MiB));
        account.EndReserve(500 * MiB);
        account.Take(33 * MiB);
        Assert.False(account.TryReserve(500 * MiB));
    }

    [Fact]
    public async Task Many_threads_that_take_and_give_leave_nothing_charged_and_nobody_waiting()
    {
        var budget = new MemoryBudget(16 * MiB);
        var accounts = Enumerable.Range(0, 8).Select(_ => budget.Open()).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
        {
            var account = accounts[i % accounts.Length];
            for (var round = 0; round < 2000; round++)
            {
                var size = 32 * 1024 * (1 + ((round + i) % 40));
                while (true)
                {
                    var changed = account.WhenChanged(size);
                    if (account.TryTake(size))
                        break;
                    await changed;
                }

                if (round % 7 == 0)
                    await Task.Yield();
                account.Give(size);
                account.EndOverdraft();
            }
        }))).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.All(accounts, account => Assert.Equal(0, account.Used));
        Assert.Equal(8 * MemoryBudget.SessionCost, budget.Used);
    }
}
