// Stands for the class of this name, by which a connection owns its socket.
using Ducts.Concurrency.Model;

namespace Ducts.Connections.Transport;

/// <summary>A socket whose system takes as much of what is sent as the exploration decides.</summary>
internal sealed class OwnedSocket(ModelSocket socket) : IDisposable
{
    public Stream Stream => socket;

    public long Acknowledged => 0;

    public PeerState? FindPeerState() => null;

    public long FindUnsent() => 0;

    public void EndReading() => socket.End();

    public bool IsReset => socket.IsAborted;

    public bool HasPeerEnded => socket.HasEnded;

    public async Task LingerAsync(Memory<byte> buffer, CancellationToken cancellationToken) => await Task.Yield();

    public async Task LingerUnreadAsync(TimeProvider time, CancellationToken cancellationToken) => await Task.Yield();

    public int TrySend(ReadOnlySpan<byte> bytes) => socket.TakeSome(bytes);

    public async ValueTask SendByteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        await socket.TakeAsync(bytes[..1], cancellationToken);

    public ReadOnlyMemory<byte> TakeUnread() => default;

    public void Abort() => socket.Abort();

    public void Dispose()
    {
        // The peer has seen its end; scenarios end theirs.
    }
}
