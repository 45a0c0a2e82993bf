using Ducts.Sessions;

namespace Ducts.Concurrency.Model;

/// <summary>Notes what becomes of sessions, and runs hooks that take their time.</summary>
internal sealed class NotedChanges : ISessionObserver
{
    private readonly Lock _gate = new();
    private readonly List<(string SessionId, string What)> _ran = [];

    /// <summary>Gets the hooks of a session that ran, in their order.</summary>
    public IReadOnlyList<string> Ran(Session session)
    {
        lock (_gate)
        {
            return [.. _ran.Where(entry => entry.SessionId == session.SessionId).Select(static entry => entry.What)];
        }
    }

    public Func<Session, Task<bool>>? Observe(SessionChange change) => session => RunAsync(session, change);

    public void StopWaiting()
    {
    }

    private async Task<bool> RunAsync(Session session, SessionChange change)
    {
        Note(session, change + " begins");
        await Task.Yield();
        Note(session, change + " ends");
        return true;
    }

    private void Note(Session session, string what)
    {
        lock (_gate)
        {
            _ran.Add((session.SessionId, what));
        }
    }
}
