namespace Ducts.Connections;

/// <summary>
/// The due times of all sessions and connections of a server: a hashed timing wheel, in which to schedule, to move and to remove take
/// the same short time however many there are, and no memory.
/// </summary>
/// <remarks>
/// Threading: any thread schedules and removes; one calls <see cref="Advance"/>, and no lock is held while it does what is due. What
/// has changed before <see cref="Schedule"/> is seen by the <see cref="Scheduled.OnDue"/> that follows.
/// </remarks>
internal sealed class TimerWheel
{
    // With ticks of a quarter of a second, what is due within two minutes is visited once; the rest at each turn of the wheel.
    private const int Slots = 512;

    private static readonly TimeSpan MinTick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxTick = TimeSpan.FromMilliseconds(250);

    // What failed is tried again, but not at each tick.
    private static readonly TimeSpan FaultPause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ConnectionLog _log;
    private readonly Scheduled?[] _slots = new Scheduled?[Slots];
    private readonly long _tick;
    private long _position;
    private long _now;

    // Of Advance alone.
    private readonly List<(long Due, Scheduled Item)> _due = [];

    public TimerWheel(DuctsOptions options, TimeProvider time, ConnectionLog log)
    {
        _time = time;
        _log = log;
        var sockets = options.WebSocketServer;
        // The shortest of the times is met to a tenth of itself, yet no more often than the least.
        var shortest = Math.Min(
            Math.Min(sockets.PingPongInterval.Ticks, sockets.IdlePingInterval.Ticks),
            Math.Min(Math.Min(sockets.ReconnectTimeout.Ticks, sockets.StallTimeout.Ticks), options.Event.AliveMonitoringInterval.Ticks));
        Tick = TimeSpan.FromTicks(Math.Clamp(shortest / 10, MinTick.Ticks, MaxTick.Ticks));
        _tick = Math.Max(After(0, Tick), 1);
        _now = time.GetTimestamp();
        _position = _now / _tick;
    }

    /// <summary>Gets how often <see cref="Advance"/> is to be called.</summary>
    public TimeSpan Tick { get; }

    /// <summary>Gets the timestamp of the last <see cref="Advance"/>: the time to a tick, for who cannot afford to ask the clock.</summary>
    public long Now => Volatile.Read(ref _now);

    /// <summary>Returns the timestamp a time after another; <see cref="Scheduled.Never"/> where that is too far away to be told.</summary>
    public long After(long timestamp, TimeSpan time)
    {
        var after = time.TotalSeconds * _time.TimestampFrequency;
        return after < Scheduled.Never / 2 ? timestamp + (long)after : Scheduled.Never;
    }

    /// <summary>Schedules something, unless it is due sooner anyway.</summary>
    /// <param name="item">What is due.</param>
    /// <param name="due">The timestamp; one that has passed for as soon as possible.</param>
    public void Schedule(Scheduled item, long due)
    {
        // What the caller has written comes first: either it is found to be due sooner here, and sees that then, or not.
        Interlocked.MemoryBarrier();
        if (due >= Volatile.Read(ref item.Due))
        {
            return;
        }

        lock (_gate)
        {
            if (due >= item.Due)
            {
                return;
            }

            Unlink(item);
            item.Due = due;
            item.Slot = (int)(Math.Max(due / _tick, _position) % Slots);
            item.Next = _slots[item.Slot];
            if (item.Next is { } next)
            {
                next.Previous = item;
            }

            _slots[item.Slot] = item;
        }
    }

    /// <summary>Forgets something, which may be running just then.</summary>
    public void Remove(Scheduled item)
    {
        lock (_gate)
        {
            Unlink(item);
        }
    }

    /// <summary>Does what is due, in the order of the due times.</summary>
    public void Advance(long now)
    {
        Volatile.Write(ref _now, now);
        lock (_gate)
        {
            var current = now / _tick;
            for (var number = Math.Max(_position, current - Slots + 1); number <= current; number++)
            {
                TakeDue((int)(number % Slots), now);
            }

            _position = Math.Max(_position, current);
        }

        Interlocked.MemoryBarrier();
        _due.Sort(static (one, other) => one.Due.CompareTo(other.Due));
        foreach (var (_, item) in _due)
        {
            Run(item, now);
        }

        _due.Clear();
    }

    private void Run(Scheduled item, long now)
    {
        long next;
        try
        {
            next = item.OnDue(now);
        }
        catch (Exception exception)
        {
            // One's fault stops no other's timers.
            _log.TimerFailed(exception);
            next = After(now, FaultPause);
        }

        if (next != Scheduled.Never)
        {
            Schedule(item, next);
        }
    }

    private void TakeDue(int slot, long now)
    {
        for (var item = _slots[slot]; item is not null;)
        {
            var next = item.Next;
            if (item.Due <= now)
            {
                _due.Add((item.Due, item));
                Unlink(item);
            }

            item = next;
        }
    }

    private void Unlink(Scheduled item)
    {
        if (item.Due == Scheduled.Never)
        {
            return;
        }

        if (item.Previous is { } previous)
        {
            previous.Next = item.Next;
        }
        else
        {
            _slots[item.Slot] = item.Next;
        }

        if (item.Next is { } next)
        {
            next.Previous = item.Previous;
        }

        (item.Previous, item.Next) = (null, null);
        Volatile.Write(ref item.Due, Scheduled.Never);
    }
}
