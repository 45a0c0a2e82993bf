namespace Ducts.Dispatch;

/// <summary>
/// The handlers of one load and the requests that run on them. When the handlers have been replaced, and the last of
/// their requests has ended, they may be disposed and their code unloaded.
/// </summary>
/// <remarks>Threading: any thread enters and leaves; <see cref="Retire"/> is called once.</remarks>
internal sealed class HandlerGeneration
{
    private readonly TaskCompletionSource _unused = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for being current, one for each request that outlived its dispatch.
    private int _users = 1;

    public void Enter() => Interlocked.Increment(ref _users);

    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            _unused.TrySetResult();
    }

    /// <summary>Says that no new request comes; ends when the last one has ended.</summary>
    public Task Retire()
    {
        Leave();
        return _unused.Task;
    }
}
