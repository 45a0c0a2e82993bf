namespace Ducts.Connections;

/// <summary>
/// Wakes those who wait for something to change. They take <see cref="Next"/>, look again at what they wait for, and wait only
/// if it has not come.
/// </summary>
/// <remarks>Threading: any thread. A change that happens after <see cref="Next"/> returned wakes its caller.</remarks>
internal sealed class ChangeSignal
{
    private TaskCompletionSource? _waiters;

    /// <summary>Gets whether somebody waits, or has thought of it.</summary>
    public bool HasWaiters => Volatile.Read(ref _waiters) is not null;

    /// <summary>Returns a task that ends with the next change.</summary>
    public Task Next()
    {
        var waiters = Volatile.Read(ref _waiters);
        if (waiters is null)
        {
            var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiters = Interlocked.CompareExchange(ref _waiters, created, null) ?? created;
        }

        // What the caller looks at next must not have been read before the waiter could be seen.
        Interlocked.MemoryBarrier();
        return waiters.Task;
    }

    /// <summary>Something has changed: the caller has just made it visible by an interlocked operation.</summary>
    public void Raise()
    {
        if (HasWaiters)
        {
            Interlocked.Exchange(ref _waiters, null)?.TrySetResult();
        }
    }
}
