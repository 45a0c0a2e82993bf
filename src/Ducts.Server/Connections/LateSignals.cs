using System.Collections.Concurrent;

namespace Ducts.Connections;

/// <summary>
/// Signals outboxes a moment later, for streams that add items in rapid succession: what they add meanwhile leaves in the
/// same write. One timer serves all of a server's sessions and stands still while there are none.
/// </summary>
/// <remarks>Threading: any thread calls any member.</remarks>
internal sealed class LateSignals : IDisposable
{
    /// <summary>The shortest time that a timer of the runtime keeps. Streams that go on sending do not wait for it.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentQueue<Outbox> _due = new();
    private readonly ITimer _timer;
    private int _running;

    public LateSignals(TimeProvider time) =>
        _timer = time.CreateTimer(static state => ((LateSignals)state!).Signal(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Signals an outbox within about <see cref="Delay"/>.</summary>
    public void Add(Outbox outbox)
    {
        // Whoever has added it before is not done yet, and sends what has been appended by now.
        if (!outbox.TryMarkLate())
        {
            return;
        }

        _due.Enqueue(outbox);
        Start();
    }

    public void Dispose() => _timer.Dispose();

    private void Start()
    {
        if (Interlocked.Exchange(ref _running, 1) == 0)
        {
            _timer.Change(Delay, Timeout.InfiniteTimeSpan);
        }
    }

    private void Signal()
    {
        for (var count = _due.Count; count > 0 && _due.TryDequeue(out var outbox); count--)
        {
            outbox.ClearLate();
            outbox.Signal();
        }

        Volatile.Write(ref _running, 0);
        Interlocked.MemoryBarrier();
        // Who came before the line above did not start it.
        if (!_due.IsEmpty)
        {
            Start();
        }
    }
}
