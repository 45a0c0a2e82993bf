namespace Ducts.Connections;

/// <summary>
/// Finds handlers that keep their thread. Handlers run on the receive loop's own thread, which costs nothing while they
/// return or await soon. One that does not is left alone with its thread, and the loop goes on with another one, so that
/// a handler that blocks holds up neither its session's other requests nor its pings.
/// </summary>
/// <remarks>
/// Threading: loops enter and leave from their threads, once for each batch of messages; a timer looks at those inside. The
/// loops are spread over several lists, each with a lock of its own, so that they do not wait for each other.
/// </remarks>
internal sealed class DispatchWatch : IDisposable
{
    // Two looks that find the same dispatch mean that it has kept its thread for at least this long.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    private static readonly TimeSpan EndInterval = TimeSpan.FromMilliseconds(5);

    private readonly TimeProvider _time;
    private readonly Section[] _sections = new Section[Environment.ProcessorCount];
    private readonly ITimer _timer;
    private int _looking;
    private bool _ticks;

    public DispatchWatch(TimeProvider time)
    {
        _time = time;
        for (var i = 0; i < _sections.Length; i++)
        {
            _sections[i] = new Section();
        }

        // Started by the first loop that enters, and stopped by a look that finds none: an idle server wakes up for nothing.
        _timer = time.CreateTimer(static watch => ((DispatchWatch)watch!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gets the time by which loops leave their thread to others.</summary>
    public TimeProvider Time => _time;

    /// <summary>A loop begins to dispatch what it has read.</summary>
    /// <returns>Where it is listed, for <see cref="Leave"/>.</returns>
    public Section Enter(WatchedLoop loop)
    {
        var section = _sections[(uint)Environment.CurrentManagedThreadId % (uint)_sections.Length];
        lock (section)
        {
            section.Loops.Add(loop);
        }

        if (!Volatile.Read(ref _ticks))
        {
            Volatile.Write(ref _ticks, true);
            _timer.Change(Interval, Interval);
        }

        return section;
    }

    /// <summary>The loop has dispatched all that it had read, or another one has taken over.</summary>
    public static void Leave(WatchedLoop loop, Section section)
    {
        lock (section)
        {
            section.Loops.Remove(loop);
        }
    }

    /// <summary>
    /// Waits for the dispatches that began before the call, on any thread: what their handlers left open is counted by then.
    /// A handler that keeps its thread is not waited for, as soon as it is known to.
    /// </summary>
    public async Task WhenRunningEndAsync()
    {
        // A loop that enters later sees what was written before the call, for both sides take the section's lock; so does the
        // message after the present one of a loop that is inside, for each message ends with a fence.
        foreach (var (loop, position) in Running())
        {
            while (loop.IsAt(position))
            {
                await Task.Delay(EndInterval, _time);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private List<(WatchedLoop Loop, (long Batch, long Dispatch) Position)> Running()
    {
        var running = new List<(WatchedLoop, (long, long))>();
        foreach (var section in _sections)
        {
            lock (section)
            {
                foreach (var loop in section.Loops)
                {
                    running.Add((loop, loop.Position));
                }
            }
        }

        return running;
    }

    private void Look()
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0)
        {
            return;
        }

        // First: a loop that enters from here on finds the timer stopped, or is found.
        Volatile.Write(ref _ticks, false);
        Interlocked.MemoryBarrier();
        var running = Running();
        if (running.Count > 0)
        {
            Volatile.Write(ref _ticks, true);
        }
        else if (!Volatile.Read(ref _ticks))
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            // One that entered between the two lines has started a timer that was stopped after it.
            if (Volatile.Read(ref _ticks))
            {
                _timer.Change(Interval, Interval);
            }
        }

        foreach (var (loop, _) in running)
        {
            loop.Look();
        }

        Volatile.Write(ref _looking, 0);
    }

    /// <summary>Some of the loops that are dispatching.</summary>
    internal sealed class Section
    {
        public HashSet<WatchedLoop> Loops { get; } = [];
    }
}
