namespace Ducts.Client;

/// <summary>Who is told what becomes of a session.</summary>
internal interface ISessionListener
{
    /// <summary>Whether the session has asked for ALIVE_MONITORING.</summary>
    bool IsMonitored { get; }

    void OnChanged(DuctsClientState state, Exception? reason, bool isNewSession);

    /// <summary>A new session has taken the place of one that the server has ended, or the server had to begin this one anew. Called before anything is sent in it.</summary>
    void OnSessionBegan();

    /// <summary>The server does not give this user a new session.</summary>
    void OnNotAuthorized(DuctsNotAuthorizedException exception);
}
