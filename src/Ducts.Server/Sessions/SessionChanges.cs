namespace Ducts.Sessions;

/// <summary>Tells the observer what becomes of one session, one change after the other.</summary>
/// <remarks>Threading: any thread; what is told later waits for what was told earlier.</remarks>
internal sealed class SessionChanges(Session session, ISessionObserver observer)
{
    private readonly Lock _gate = new();
    private Task<bool> _last = Task.FromResult(true);

    /// <summary>Tells of a change.</summary>
    /// <returns>Ends when all has been done about it, and about the changes before, with whether that succeeded.</returns>
    public Task<bool> TellAsync(SessionChange change)
    {
        lock (_gate)
        {
            if (observer.Observe(change) is { } act)
            {
                _last = ActAsync(_last, act);
            }

            return _last;
        }
    }

    private async Task<bool> ActAsync(Task before, Func<Session, Task<bool>> act)
    {
        await before;
        // Hooks are users' code: they do not run under our lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return await act(session);
    }
}
