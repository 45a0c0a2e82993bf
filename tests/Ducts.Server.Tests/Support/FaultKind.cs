namespace Ducts.Tests.Support;

/// <summary>What a proxy does to a connection when its time has come.</summary>
internal enum FaultKind
{
    /// <summary>Both sides are reset: what was under way is lost.</summary>
    Reset,

    /// <summary>Both sides get the end of the stream, as from a proxy that closes.</summary>
    Finish,

    /// <summary>Nothing is handed on for a while, though all sockets stay open; then everything is.</summary>
    HalfOpen,

    /// <summary>The client is reset at once, and what it has sent reaches the server when its next connection has come.</summary>
    Late,
}
