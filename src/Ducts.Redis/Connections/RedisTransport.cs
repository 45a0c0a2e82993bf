namespace Ducts.Redis;

/// <summary>Bytes to and from a server.</summary>
internal abstract class RedisTransport
{
    /// <summary>Where it leads, for people.</summary>
    public required string Endpoint { get; init; }

    public abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Sends all of it.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Ends both directions at once; what waits in them fails.</summary>
    public abstract void Abort();
}
