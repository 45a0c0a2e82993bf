namespace Ducts.Redis;

/// <summary>A node for a connection of its own: that of a key, or any; which one is asked for each connection.</summary>
internal sealed class ClusterEndpoint(ClusterRouter router, RedisConnector connector, string? key) : EndpointSource
{
    public override async Task<RedisConnection> OpenAsync(Action<RedisConnection, RedisValue>? unasked, CancellationToken cancellationToken)
    {
        Exception? last = null;
        foreach (var host in router.HostsFor(key))
        {
            try
            {
                return await connector.OpenAsync(host, forSentinel: false, unasked, cancellationToken);
            }
            catch (RedisException exception)
            {
                last = exception;
            }
        }

        throw new RedisConnectionException($"No node of the Redis cluster is to be reached: {last?.Message}", last);
    }
}
