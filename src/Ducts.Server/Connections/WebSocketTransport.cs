using System.Net.WebSockets;
using Ducts.Connections.Transport;

namespace Ducts.Connections;

/// <summary>What a WebSocket's bytes go through.</summary>
/// <param name="Stream">Reads and writes them.</param>
/// <param name="Socket">The socket below, when it is ours; null when it is the server's, which ends it with the request.</param>
/// <param name="Abort">Cuts it.</param>
/// <param name="CarriesPings">Whether pings reach the peer, so that its silence means something.</param>
internal sealed record WebSocketTransport(Stream Stream, OwnedSocket? Socket, Action Abort, bool CarriesPings)
{
    /// <summary>Gets what comes before what the stream reads.</summary>
    public ReadOnlyMemory<byte> Unread => Socket?.Unread ?? default;

    public static WebSocketTransport Over(Stream stream, Action abort) => new(stream, null, abort, CarriesPings: true);

    public static WebSocketTransport Over(OwnedSocket socket) => new(socket.Stream, socket, socket.Abort, CarriesPings: true);

    public static WebSocketTransport Over(WebSocket socket) => new(new MessageSocketStream(socket), null, socket.Abort, CarriesPings: false);
}
