namespace Ducts.Client;

/// <summary>Where a client's session stands.</summary>
public enum DuctsClientState
{
    /// <summary>The socket is open.</summary>
    Open,

    /// <summary>The socket is lost; the session goes on at the server while the client tries to open a new one.</summary>
    Reconnecting,

    /// <summary>The session is over.</summary>
    Closed,
}
