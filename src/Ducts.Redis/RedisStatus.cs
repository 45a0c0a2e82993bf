namespace Ducts.Redis;

/// <summary>A look at a client, for readiness and for people.</summary>
/// <param name="State">Whether there is a connection.</param>
/// <param name="Endpoint">Where it leads, or led: <c>host:port</c> or the path of a socket.</param>
/// <param name="Since">Since when the state is this.</param>
/// <param name="LastError">Why the last connection was lost or not to be had; null if all was well.</param>
/// <param name="Reconnects">How often a connection was regained.</param>
/// <param name="WaitingCommands">Commands that wait to be written.</param>
/// <param name="UnansweredCommands">Commands written that wait for their reply.</param>
public sealed record RedisStatus(
    RedisConnectionState State,
    string Endpoint,
    DateTimeOffset Since,
    string? LastError,
    long Reconnects,
    int WaitingCommands,
    int UnansweredCommands);
