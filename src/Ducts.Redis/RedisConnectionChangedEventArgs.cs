namespace Ducts.Redis;

/// <summary>A connection was regained or lost.</summary>
/// <param name="isConnected">Whether there is one now.</param>
public sealed class RedisConnectionChangedEventArgs(bool isConnected) : EventArgs
{
    /// <summary>Whether there is a connection now.</summary>
    public bool IsConnected => isConnected;
}
