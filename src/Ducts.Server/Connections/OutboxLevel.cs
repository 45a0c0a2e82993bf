namespace Ducts.Connections;

/// <summary>Those who wait until no more than some number of bytes is queued.</summary>
/// <remarks>Threading: guarded by the outbox' lock. A part of the outbox, which every message touches.</remarks>
internal struct OutboxLevel(long bytes)
{
    private TaskCompletionSource? _waiters;

    public readonly long Bytes => bytes;

    public Task Wait()
    {
        _waiters ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _waiters.Task;
    }

    /// <summary>Takes those who may go on; they are released outside the lock.</summary>
    public TaskCompletionSource? TakeIfReached(long queued)
    {
        if (queued > bytes || _waiters is null)
            return null;
        var waiters = _waiters;
        _waiters = null;
        return waiters;
    }
}
