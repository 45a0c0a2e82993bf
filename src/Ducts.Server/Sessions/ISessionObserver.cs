namespace Ducts.Sessions;

/// <summary>Specifies how the state of a session changed.</summary>
internal enum SessionChange
{
    Connected,
    WaitsForReconnect,
    Reconnected,
    Closed,
}

/// <summary>Receives the state changes of sessions.</summary>
internal interface ISessionObserver
{
    /// <summary>
    /// Takes note of a change, in the order in which changes happen. What is to be done about it is done by the caller, after
    /// what was to be done about the session's changes before.
    /// </summary>
    /// <returns>What is to be done, which ends with whether that succeeded; null for nothing.</returns>
    Func<Session, Task<bool>>? Observe(SessionChange change);

    /// <summary>The server has no time left: what is being done, and what comes, is not waited for.</summary>
    void StopWaiting();
}
