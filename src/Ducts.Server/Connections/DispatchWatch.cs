namespace Ducts.Connections;

/// <summary>
/// Finds handlers that keep their thread. Handlers run on the receive loop's own thread, which costs nothing while they
/// return or await soon; one that does not is left alone with its thread, and the loop goes on with another one, so that
/// a handler that blocks holds up neither its session's other requests nor its pings.
/// </summary>
/// <remarks>Threading: one timer looks at all threads' slots.</remarks>
internal static class DispatchWatch
{
    // Two looks that find the same dispatch mean that it has kept its thread for at least this long.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    private static readonly TimeSpan EndInterval = TimeSpan.FromMilliseconds(5);

    private static readonly Lock Gate = new();
    private static readonly List<Entry> Entries = [];
    private static Timer? _timer;
    private static int _looking;

    public static DispatchSlot Register(DispatchSlot slot, Thread thread)
    {
        lock (Gate)
        {
            Entries.Add(new Entry(slot, thread));
            // The first dispatch of the process starts the timer; there is no end to it, as there is none to the thread pool.
            _timer ??= new Timer(static _ => Look(), null, Interval, Interval);
        }

        return slot;
    }

    /// <summary>
    /// Waits for the dispatches that began before the call, on any thread: what their handlers left open is counted by then.
    /// A handler that keeps its thread is not waited for, as soon as it is known to.
    /// </summary>
    public static Task WhenRunningEndAsync(TimeProvider time) => WhenEndedAsync(Running(), time);

    private static async Task WhenEndedAsync(IReadOnlyList<(ReceiveLoop Loop, long Dispatch)> dispatches, TimeProvider time)
    {
        foreach (var (loop, dispatch) in dispatches)
        {
            // Even: it reads. Negative: another loop has taken over, and this number never changes again.
            while (dispatch > 0 && (dispatch & 1) == 1 && loop.CurrentDispatch == dispatch)
                await Task.Delay(EndInterval, time);
        }
    }

    private static List<(ReceiveLoop Loop, long Dispatch)> Running()
    {
        // A dispatch notes itself and then reads which handlers answer, without a fence of its own: either it is seen here,
        // or it sees what was written before the call.
        Interlocked.MemoryBarrierProcessWide();
        lock (Gate)
        {
            var running = new List<(ReceiveLoop, long)>();
            foreach (var entry in Entries)
            {
                if (entry.Slot.Loop is { } loop)
                    running.Add((loop, loop.CurrentDispatch));
            }

            return running;
        }
    }

    private static void Look()
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0)
            return;
        lock (Gate)
        {
            Entries.RemoveAll(static entry => !entry.Thread.IsAlive);
            foreach (var entry in Entries)
            {
                var loop = entry.Slot.Loop;
                var dispatch = loop?.CurrentDispatch ?? 0;
                if (loop is not null && loop == entry.LastLoop && dispatch == entry.LastDispatch)
                    loop.TryTakeOver(dispatch);
                entry.LastLoop = loop;
                entry.LastDispatch = dispatch;
            }
        }

        Volatile.Write(ref _looking, 0);
    }

    private sealed class Entry(DispatchSlot slot, Thread thread)
    {
        public DispatchSlot Slot => slot;

        public Thread Thread => thread;

        public ReceiveLoop? LastLoop { get; set; }

        public long LastDispatch { get; set; }
    }
}
