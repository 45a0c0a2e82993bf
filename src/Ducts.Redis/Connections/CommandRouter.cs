namespace Ducts.Redis;

/// <summary>Chooses the server for a command.</summary>
internal abstract class CommandRouter : IAsyncDisposable
{
    /// <summary>The links to the servers, for status and sweeps.</summary>
    public abstract IReadOnlyList<RedisLink> Links { get; }

    /// <summary>Told when a connection is regained (true) or lost.</summary>
    public Action<bool>? Changed { get; set; }

    /// <summary>Connects to the first server.</summary>
    public abstract Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Hands a command over.</summary>
    public abstract void Send(RedisCommand command, string name, ReadOnlySpan<RedisArgument> first, ReadOnlySpan<RedisArgument> second);

    /// <summary>Hands several commands over, as one.</summary>
    public abstract void SendBatch(RedisCommand command, RedisBatch batch, bool isTransaction);

    /// <summary>Where to connect for what is no command of the shared connection.</summary>
    /// <param name="key">A key whose server is wanted; null: any.</param>
    public abstract EndpointSource EndpointFor(string? key);

    /// <summary>Once a tick: time limits of what is with the router itself.</summary>
    public virtual void Sweep(long now)
    {
        // Commands that were handed on are the links' to look after.
    }

    /// <summary>The links to all masters, for what concerns every key.</summary>
    public abstract IReadOnlyList<RedisLink> Masters { get; }

    public abstract ValueTask DisposeAsync();
}
