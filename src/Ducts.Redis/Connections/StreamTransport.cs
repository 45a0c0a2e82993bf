namespace Ducts.Redis;

/// <summary>A stream over a socket, for TLS.</summary>
internal sealed class StreamTransport(Stream stream) : RedisTransport
{
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => stream.ReadAsync(buffer);

    public override ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

    public override void Abort() => stream.Dispose();
}
