namespace Ducts.Connections;

/// <summary>
/// Handles messages one after the other, and is watched while it does: when a handler keeps the thread, another loop goes on in
/// this one's place, and this one ends as soon as the handler returns. A loop that finds the next message whenever it has handled one
/// does not keep the thread either: after some time it lets others go first, so that who sends without a pause holds up nobody else.
/// </summary>
/// <remarks>
/// Threading: one thread handles messages; the watch's timer calls <see cref="Look"/>. Both decide by the same word
/// (<see cref="_dispatch"/>): even numbers mean that none is being handled, odd ones the dispatch of that number, -1 taken over.
/// </remarks>
internal abstract class WatchedLoop(DispatchWatch watch)
{
    private const long TakenOver = -1;

    // The clock is asked after so many messages, a power of two: it costs as much as a part of handling one.
    private const int MessagesBetweenLooks = 16;

    private static readonly TimeSpan MaxTurn = TimeSpan.FromMilliseconds(2);

    private DispatchWatch.Section? _section;
    private long _batch;
    private long _dispatch;
    private long _seen;
    private int _parted;
    private long? _turnBegan;
    private int _handled;

    /// <summary>Gets which batch of messages is being dispatched, and which message of the loop.</summary>
    public (long Batch, long Dispatch) Position => (Volatile.Read(ref _batch), Volatile.Read(ref _dispatch));

    /// <summary>Gets whether another loop goes on in its place.</summary>
    protected bool IsTakenOver => Volatile.Read(ref _dispatch) == TakenOver;

    /// <summary>
    /// Returns whether the message that was being dispatched at a position still is. Between two messages, that is the second
    /// one: its handler may have been looked up already. A handler that keeps its thread does not count.
    /// </summary>
    public bool IsAt((long Batch, long Dispatch) position)
    {
        var (batch, dispatch) = Position;
        return batch == position.Batch && dispatch != TakenOver && dispatch <= (position.Dispatch | 1);
    }

    /// <summary>Called by the watch now and then: a dispatch that it finds twice is left alone with its thread.</summary>
    public void Look()
    {
        var dispatch = Volatile.Read(ref _dispatch);
        if (dispatch == _seen)
        {
            TryTakeOver(dispatch);
        }

        _seen = dispatch;
    }

    /// <summary>Gets whether the loop has kept its thread for long enough, and others are to go first. Asked before each message.</summary>
    protected bool IsTurnOver => (++_handled & (MessagesBetweenLooks - 1)) == 0 && IsTurnOverNow();

    /// <summary>The loop has just been given its thread.</summary>
    protected void BeginTurn() => (_turnBegan, _handled) = (null, 0);

    /// <summary>The handling of a message begins.</summary>
    /// <returns>Its number, for <see cref="TryEndDispatch"/>.</returns>
    protected long BeginDispatch()
    {
        _section ??= watch.Enter(this);
        return ++_dispatch;
    }

    /// <summary>The handling of a message has ended.</summary>
    /// <returns>False when another loop goes on: the caller does nothing more but <see cref="Part"/>.</returns>
    protected bool TryEndDispatch(long dispatch) => Interlocked.CompareExchange(ref _dispatch, dispatch + 1, dispatch) == dispatch;

    /// <summary>All messages that were there have been handled, or another loop goes on.</summary>
    protected void EndBatch()
    {
        if (_section is { } section)
        {
            _section = null;
            Volatile.Write(ref _batch, _batch + 1);
            DispatchWatch.Leave(this, section);
        }
    }

    /// <summary>Both who took over and the handler that returned, possibly at the same moment, need the message until they are done.</summary>
    protected void Part()
    {
        if (Interlocked.Increment(ref _parted) == 2)
        {
            OnParted();
        }
    }

    /// <summary>A handler keeps the thread: starts a loop that goes on with the next message.</summary>
    protected abstract void OnTakenOver();

    /// <summary>The handler that kept the thread has returned: gives back what its message took.</summary>
    protected abstract void OnParted();

    private bool IsTurnOverNow()
    {
        // Counted from the first look, so that who has little to do asks no clock.
        var now = watch.Time.GetTimestamp();
        return watch.Time.GetElapsedTime(_turnBegan ??= now, now) >= MaxTurn;
    }

    private void TryTakeOver(long dispatch)
    {
        // Even numbers mean that nothing is handled; a loop is taken over once.
        if (dispatch <= 0 || (dispatch & 1) == 0 || Interlocked.CompareExchange(ref _dispatch, TakenOver, dispatch) != dispatch)
        {
            return;
        }

        OnTakenOver();
        Part();
    }
}
