using System.Net.WebSockets;
using Ducts.Connections.Transport;

namespace Ducts.Connections;

/// <summary>Holds the transport that a WebSocket reads from and writes to.</summary>
/// <param name="Stream">The stream that reads and writes the bytes of the WebSocket.</param>
/// <param name="Socket">The socket, if the connection owns it; null if the HTTP server owns it and closes it with the request.</param>
/// <param name="Abort">Aborts the connection.</param>
/// <param name="CarriesPings">Whether pings reach the peer, so that a missing answer means that it is lost.</param>
internal sealed record WebSocketTransport(Stream Stream, OwnedSocket? Socket, Action Abort, bool CarriesPings)
{
    public static WebSocketTransport Over(Stream stream, Action abort) => new(stream, null, abort, CarriesPings: true);

    public static WebSocketTransport Over(OwnedSocket socket) => new(socket.Stream, socket, socket.Abort, CarriesPings: true);

    public static WebSocketTransport Over(WebSocket socket) => new(new MessageSocketStream(socket), null, socket.Abort, CarriesPings: false);
}
