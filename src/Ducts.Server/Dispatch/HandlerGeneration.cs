namespace Ducts.Dispatch;

/// <summary>
/// The handlers of one load and those who use them: requests, hooks, Web APIs. When the handlers have been replaced, and
/// the last of their users has ended, they may be disposed and their code unloaded.
/// </summary>
/// <remarks>Threading: any thread enters and leaves; <see cref="Retire"/> is called once.</remarks>
internal sealed class HandlerGeneration
{
    private readonly TaskCompletionSource _unused = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for being current, one for each request that outlived its dispatch, each hook, and each Web API that is answered.
    private int _users = 1;

    /// <summary>For those who are known to be there before the last user leaves, as a request in its dispatch is.</summary>
    public void Enter() => Interlocked.Increment(ref _users);

    /// <summary>For all others: they may come when the handlers are gone already.</summary>
    /// <returns>False when these handlers have ended; those that replaced them answer by then.</returns>
    public bool TryEnter()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var found = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (found == users)
                return true;
            users = found;
        }

        return false;
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            _unused.TrySetResult();
    }

    /// <summary>Says that no new request comes; ends when the last user has ended.</summary>
    public Task Retire()
    {
        Leave();
        return _unused.Task;
    }
}
