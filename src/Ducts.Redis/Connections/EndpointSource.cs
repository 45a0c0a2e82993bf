namespace Ducts.Redis;

/// <summary>Says where to connect next; asked anew for each attempt.</summary>
internal abstract class EndpointSource
{
    /// <summary>Opens a connection.</summary>
    public abstract Task<RedisConnection> OpenAsync(Action<RedisConnection, RedisValue>? unasked, CancellationToken cancellationToken);
}
