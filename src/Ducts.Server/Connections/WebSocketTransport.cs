using Ducts.Connections.Transport;

namespace Ducts.Connections;

/// <summary>What a WebSocket's bytes go through.</summary>
/// <param name="Stream">Reads and writes them.</param>
/// <param name="Socket">The socket below, when it is ours; null when it is the server's, which ends it with the request.</param>
/// <param name="Abort">Cuts it.</param>
internal sealed record WebSocketTransport(Stream Stream, OwnedSocket? Socket, Action Abort)
{
    /// <summary>Comes before what the stream reads.</summary>
    public ReadOnlyMemory<byte> Unread => Socket?.Unread ?? default;

    public static WebSocketTransport Over(Stream stream, Action abort) => new(stream, null, abort);

    public static WebSocketTransport Over(OwnedSocket socket) => new(socket.Stream, socket, socket.Abort);
}
