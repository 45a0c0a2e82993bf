namespace Ducts.Concurrency.Model;

/// <summary>
/// A clock that a test moves. What is to happen after some time happens at any later point of the exploration: how long something
/// takes is nothing that code may rely on.
/// </summary>
public class ModelTime
{
    // A periodic timer that never ended would keep an exploration from ending.
    private const int MaxFirings = 3;

    private readonly List<Timer> _timers = [];
    private long _now = 1;

    public static ModelTime System { get; } = new();

    public long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Gets or sets whether timers fire, each at any time; else only <see cref="Fire"/> calls them.</summary>
    public bool Fires { get; set; }

    public long GetTimestamp() => Volatile.Read(ref _now);

    public DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    public TimeSpan GetElapsedTime(long start, long end) => TimeSpan.FromTicks(end - start);

    public TimeSpan GetElapsedTime(long start) => GetElapsedTime(start, GetTimestamp());

    public ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan due, TimeSpan period) => new Timer(this, callback, state, due, period);

    /// <summary>Calls the timers that are set, where they do not fire by themselves.</summary>
    public void Fire()
    {
        Timer[] timers;
        lock (_timers)
        {
            timers = [.. _timers];
        }

        foreach (var timer in timers)
        {
            timer.Fire();
        }
    }

    public void Advance(TimeSpan time) => Interlocked.Add(ref _now, time.Ticks);

    private sealed class Timer : ITimer
    {
        private readonly ModelTime _time;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private int _firings = MaxFirings;
        private int _setting;
        private bool _isSet;

        public Timer(ModelTime time, TimerCallback callback, object? state, TimeSpan due, TimeSpan period)
        {
            (_time, _callback, _state) = (time, callback, state);
            lock (_time._timers)
            {
                _time._timers.Add(this);
            }

            Change(due, period);
        }

        public bool Change(TimeSpan due, TimeSpan period)
        {
            var setting = Interlocked.Increment(ref _setting);
            Volatile.Write(ref _isSet, due != Timeout.InfiniteTimeSpan);
            if (due != Timeout.InfiniteTimeSpan && _time.Fires)
            {
                _ = ModelTasks.Run(() => RunAsync(setting, isPeriodic: period != Timeout.InfiniteTimeSpan));
            }

            return true;
        }

        public void Fire()
        {
            if (Volatile.Read(ref _isSet))
            {
                _callback(_state);
            }
        }

        public void Dispose()
        {
            Interlocked.Increment(ref _setting);
            Volatile.Write(ref _isSet, false);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task RunAsync(int setting, bool isPeriodic)
        {
            do
            {
                await Task.Delay(1);
                if (Volatile.Read(ref _setting) != setting || Interlocked.Decrement(ref _firings) < 0)
                {
                    return;
                }

                _callback(_state);
            }
            while (isPeriodic);
        }
    }
}
