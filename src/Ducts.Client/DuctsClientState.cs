namespace Ducts.Client;

/// <summary>Specifies the state of a client's session.</summary>
public enum DuctsClientState
{
    /// <summary>The connection is open.</summary>
    Open,

    /// <summary>The connection is lost and the client tries to open a new one. The session continues at the server unless the server ends it.</summary>
    Reconnecting,

    /// <summary>The session is closed.</summary>
    Closed,
}
