using Ducts.Connections;
using Ducts.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Ducts.Tests.Connections;

public sealed class TimerWheelTests : IDisposable
{
    private static readonly long Second = TimeProvider.System.TimestampFrequency;

    private readonly NotedLines _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly TimerWheel _wheel;
    private readonly long _start;
    private readonly List<string> _ran = [];

    public TimerWheelTests()
    {
        _loggers = LoggerFactory.Create(builder => builder.AddProvider(_log));
        _wheel = new TimerWheel(new DuctsOptions(), TimeProvider.System, new ConnectionLog(_loggers));
        _start = _wheel.Now;
    }

    public void Dispose()
    {
        _loggers.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void What_is_due_runs_in_the_order_of_the_due_times()
    {
        foreach (var seconds in new[] { 5, 1, 4, 2, 3 })
            _wheel.Schedule(Item($"{seconds}"), At(seconds));

        _wheel.Advance(At(4.5));

        Assert.Equal(["1", "2", "3", "4"], _ran);
    }

    [Fact]
    public void The_earlier_of_two_times_holds()
    {
        var item = Item("a");
        _wheel.Schedule(item, At(3));
        _wheel.Schedule(item, At(1));
        _wheel.Schedule(item, At(2));

        _wheel.Advance(At(1));
        _wheel.Advance(At(5));

        Assert.Equal(["a"], _ran);
    }

    [Fact]
    public void What_is_removed_does_not_run_and_may_be_scheduled_again()
    {
        var item = Item("a");
        _wheel.Schedule(Item("before"), At(1));
        _wheel.Schedule(item, At(1));
        _wheel.Schedule(Item("after"), At(1));

        _wheel.Remove(item);
        _wheel.Remove(item);
        _wheel.Advance(At(1));
        Assert.Equal(["after", "before"], _ran.Order());

        _wheel.Schedule(item, At(2));
        _wheel.Advance(At(2));
        Assert.Equal("a", _ran[^1]);
    }

    [Fact]
    public void What_says_when_it_is_due_next_runs_then()
    {
        var item = new Entry(now => Note("a", now + Second));
        _wheel.Schedule(item, At(1));

        for (var seconds = 0.25; seconds <= 3; seconds += 0.25)
            _wheel.Advance(At(seconds));

        Assert.Equal(["a", "a", "a"], _ran);
    }

    [Fact]
    public void What_is_due_in_days_runs_then_and_not_at_an_earlier_turn_of_the_wheel()
    {
        const int Days = 3 * 24 * 3600;
        _wheel.Schedule(Item("late"), At(Days));

        for (var seconds = 0; seconds < Days; seconds += 100)
            _wheel.Advance(At(seconds));
        Assert.Empty(_ran);
        _wheel.Advance(At(Days));

        Assert.Equal(["late"], _ran);
    }

    [Fact]
    public void Nothing_is_left_out_when_the_time_jumps_over_many_turns()
    {
        for (var seconds = 0; seconds < 1000; seconds++)
            _wheel.Schedule(Item($"{seconds}"), At(seconds));

        _wheel.Advance(At(100_000));

        Assert.Equal(Enumerable.Range(0, 1000).Select(static seconds => $"{seconds}"), _ran);
    }

    [Fact]
    public void What_was_due_in_the_past_runs_at_the_next_turn()
    {
        _wheel.Advance(At(1000));
        _wheel.Schedule(Item("a"), At(10));

        _wheel.Advance(At(1000));

        Assert.Equal(["a"], _ran);
    }

    [Fact]
    public void What_is_scheduled_while_it_runs_runs_again()
    {
        Entry? item = null;
        item = new Entry(now =>
        {
            if (_ran.Count == 0)
                _wheel.Schedule(item!, now + Second);
            return Note("a", Scheduled.Never);
        });
        _wheel.Schedule(item, At(1));

        _wheel.Advance(At(1));
        _wheel.Advance(At(2));
        _wheel.Advance(At(3));

        Assert.Equal(["a", "a"], _ran);
    }

    [Fact]
    public void A_fault_is_logged_and_tried_again_and_stops_no_others()
    {
        var faulty = new Entry(_ =>
        {
            _ran.Add("faulty");
            throw new InvalidOperationException("broken");
        });
        _wheel.Schedule(faulty, At(1));
        _wheel.Schedule(Item("other"), At(1.5));

        _wheel.Advance(At(2));
        Assert.Equal(["faulty", "other"], _ran);
        _wheel.Advance(At(3));

        Assert.Equal(["faulty", "other", "faulty"], _ran);
        Assert.Contains(_log.All, static line => line.Contains("broken", StringComparison.Ordinal));
    }

    [Fact]
    public void To_schedule_again_takes_no_memory()
    {
        var items = Enumerable.Range(0, 100).Select(_ => new Entry(static now => now + Second)).ToArray();
        Turn(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Turn(100);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Turn(int from)
        {
            foreach (var item in items)
                _wheel.Schedule(item, At(from));
            for (var seconds = from; seconds < from + 100; seconds++)
                _wheel.Advance(At(seconds));
        }
    }

    private Entry Item(string name) => new(_ => Note(name, Scheduled.Never));

    private long At(double seconds) => _start + (long)(seconds * Second);

    private long Note(string name, long next)
    {
        _ran.Add(name);
        return next;
    }

    private sealed class Entry(Func<long, long> run) : Scheduled
    {
        public override long OnDue(long now) => run(now);
    }
}
