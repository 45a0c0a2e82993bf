namespace Ducts.Load;

/// <summary>The servers that are measured, in the order in which they take turns.</summary>
internal enum ServerKind
{
    Ducts,
    Kestrel,
    SignalR,
    Ws,
    SocketIo,

    /// <summary>Another build of Ducts, to compare two of them.</summary>
    Baseline,
}
