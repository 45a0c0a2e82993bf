using System.Net;

namespace Ducts.Redis;

/// <summary>One server, always the same.</summary>
internal sealed class FixedEndpoint(RedisConnector connector, DnsEndPoint? host) : EndpointSource
{
    public override Task<RedisConnection> OpenAsync(Action<RedisConnection, RedisValue>? unasked, CancellationToken cancellationToken) =>
        connector.OpenAsync(host, forSentinel: false, unasked, cancellationToken);
}
