namespace Ducts.Redis;

/// <summary>All commands go to one server: the one the URI names, or the master that the Sentinels name.</summary>
internal sealed class SingleRouter : CommandRouter
{
    private readonly RedisLink _link;
    private readonly EndpointSource _endpoints;
    private readonly RedisLink[] _links;

    public SingleRouter(RedisLink link, EndpointSource endpoints)
    {
        _link = link;
        _endpoints = endpoints;
        _links = [link];
        link.Connected = _ => Changed?.Invoke(true);
        link.Disconnected = () => Changed?.Invoke(false);
    }

    public override IReadOnlyList<RedisLink> Links => _links;

    public override IReadOnlyList<RedisLink> Masters => _links;

    public override Task StartAsync(CancellationToken cancellationToken) => _link.StartAsync(cancellationToken);

    public override void Send(RedisCommand command, string name, ReadOnlySpan<RedisArgument> first, ReadOnlySpan<RedisArgument> second) =>
        _link.Pipeline.Enqueue(command, RespWriter.Encode(name, first, second));

    public override void SendBatch(RedisCommand command, RedisBatch batch, bool isTransaction) =>
        _link.Pipeline.Enqueue(command, batch.Encode(isTransaction));

    public override EndpointSource EndpointFor(string? key) => _endpoints;

    public override ValueTask DisposeAsync() => _link.DisposeAsync();
}
