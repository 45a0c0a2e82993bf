namespace Ducts.Connections;

/// <summary>Those who wait until what was queued before them has gone.</summary>
/// <remarks>Threading: guarded by the outbox' lock. A part of the outbox, which every message touches.</remarks>
internal struct OutboxPosition
{
    private TaskCompletionSource? _waiters;
    private long _first;

    /// <summary>Waits for a position: a number of bytes that have left the outbox since its beginning.</summary>
    public Task Wait(long position)
    {
        _first = _waiters is null ? position : Math.Min(_first, position);
        _waiters ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _waiters.Task;
    }

    /// <summary>Takes the waiters once the first of them may go on; the others look and wait again.</summary>
    public TaskCompletionSource? TakeIfReached(long gone)
    {
        if (_waiters is null || gone < _first)
            return null;
        var waiters = _waiters;
        _waiters = null;
        return waiters;
    }
}
