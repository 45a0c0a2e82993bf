using Microsoft.Extensions.Logging;

namespace Ducts.Redis;

#pragma warning disable
internal sealed class ClusterRouter(RedisUri uri, RedisConnector connector, RedisClientOptions options, CompletionQueue completions, IRedisClock clock, ILogger logger) : CommandRouter
{
    public bool TryFollow(RedisCommand command, ClusterRoute route, in RedisValue reply) => throw new NotSupportedException();
    public override IReadOnlyList<RedisLink> Links => throw new NotSupportedException();
    public override Task StartAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    public override void Send(RedisCommand command, string name, ReadOnlySpan<RedisArgument> first, ReadOnlySpan<RedisArgument> second) => throw new NotSupportedException();
    public override void SendBatch(RedisCommand command, RedisBatch batch, bool isTransaction) => throw new NotSupportedException();
    public override EndpointSource EndpointFor(string? key) => throw new NotSupportedException();
    public override IReadOnlyList<RedisLink> Masters => throw new NotSupportedException();
    public override ValueTask DisposeAsync() => throw new NotSupportedException();
}
