namespace Ducts.Redis;

/// <summary>How a client stands with Redis.</summary>
public enum RedisConnectionState
{
    /// <summary>There is no connection; one is being sought.</summary>
    Connecting,

    /// <summary>Commands are written at once.</summary>
    Connected,

    /// <summary>The client was disposed of.</summary>
    Closed,
}
