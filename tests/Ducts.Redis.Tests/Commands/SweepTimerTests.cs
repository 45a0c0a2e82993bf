using Ducts.Redis.Commands;

namespace Ducts.Redis.Tests;

/// <summary>How often calls are looked at.</summary>
public sealed class SweepTimerTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void A_client_that_is_idle_for_a_second_wakes_up_seldom_and_the_next_call_is_timed_as_before()
    {
        var clock = new NotedTimer();
        using var timer = new SweepTimer(clock, Pause, static () => { });
        timer.Start();
        Assert.Equal(Pause, clock.Period);

        for (var i = 0; i < 49; i++)
            timer.OnSweep(isIdle: true);
        Assert.Equal(Pause, clock.Period);
        timer.OnSweep(isIdle: true);
        Assert.Equal(Pause * 10, clock.Period);

        timer.OnCall();
        Assert.Equal(Pause, clock.Period);
    }

    [Fact]
    public void One_that_calls_now_and_then_does_not_set_the_timer_each_time()
    {
        var clock = new NotedTimer();
        using var timer = new SweepTimer(clock, Pause, static () => { });
        timer.Start();

        for (var i = 0; i < 1000; i++)
        {
            timer.OnCall();
            timer.OnSweep(isIdle: i % 40 != 0);
        }

        Assert.Equal(1, clock.Changes);
    }

    /// <summary>A clock whose one timer notes how it is set.</summary>
    private sealed class NotedTimer : TimeProvider, ITimer
    {
        public TimeSpan Period { get; private set; }

        public int Changes { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => this;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Period = period;
            Changes++;
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
