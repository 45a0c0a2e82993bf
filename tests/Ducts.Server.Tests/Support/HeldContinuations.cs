using System.Collections.Concurrent;

namespace Ducts.Tests.Support;

/// <summary>Keeps what should go on until the test lets it, as a pool of threads does that is busy.</summary>
internal sealed class HeldContinuations : SynchronizationContext
{
    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _held = new();

    public override void Post(SendOrPostCallback d, object? state) => _held.Enqueue((d, state));

    public T Run<T>(Func<T> start)
    {
        var former = Current;
        SetSynchronizationContext(this);
        try
        {
            return start();
        }
        finally
        {
            SetSynchronizationContext(former);
        }
    }

    public async Task ReleaseAsync()
    {
        await Until.TrueAsync(() => !_held.IsEmpty);
        Release();
    }

    /// <summary>Lets go on what is kept, and what comes of it, until a task has ended.</summary>
    public async Task<T> ReleaseUntilAsync<T>(Task<T> task)
    {
        await Until.TrueAsync(() =>
        {
            Release();
            return task.IsCompleted;
        });
        return await task;
    }

    private void Release()
    {
        while (_held.TryDequeue(out var next))
            next.Callback(next.State);
    }
}
