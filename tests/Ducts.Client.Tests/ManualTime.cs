using System.Threading.Channels;

namespace Ducts.Client.Tests;

/// <summary>A clock that stands until a test moves it, and tells of each delay that somebody begins.</summary>
public sealed class ManualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly Channel<TimeSpan> _delays = Channel.CreateUnbounded<TimeSpan>();
    private TimeSpan _now = TimeSpan.FromDays(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How far the clock was moved.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(GetTimestamp()) - TimeSpan.FromDays(1);

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            return _now.Ticks;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            var timer = new ManualTimer(this, () => callback(state));
            Set(timer, dueTime);
            return timer;
        }
    }

    /// <summary>The next delay that begins.</summary>
    public async Task<TimeSpan> NextDelayAsync() => await _delays.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public void Advance(TimeSpan time)
    {
        List<ManualTimer> due;
        lock (_lock)
        {
            _now += time;
            due = _timers.FindAll(timer => timer.Due <= _now);
            _timers.RemoveAll(due.Contains);
        }

        due.ForEach(static timer => timer.Fire());
    }

    /// <summary>Waits for the next delay and lets it pass.</summary>
    public async Task PassAsync() => Advance(await NextDelayAsync());

    private void Set(ManualTimer timer, TimeSpan dueTime)
    {
        _timers.Remove(timer);
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            timer.Due = _now + dueTime;
            _timers.Add(timer);
            _delays.Writer.TryWrite(dueTime);
        }
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        public TimeSpan Due { get; set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                time.Set(this, dueTime);
                return true;
            }
        }

        public void Dispose()
        {
            lock (time._lock)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
