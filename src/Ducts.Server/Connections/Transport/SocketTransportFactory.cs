using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Ducts.Connections.Transport;

/// <summary>
/// Kestrel's transport over sockets, as its own is, but for one thing: a WebSocket can take its socket over, see
/// <see cref="ISocketHandover"/>. It honours <see cref="SocketTransportOptions"/>.
/// </summary>
internal sealed class SocketTransportFactory(
    IOptions<SocketTransportOptions> options,
    IOptions<DuctsOptions> ducts,
    SocketConnections connections,
    ServerStop stop,
    TimeProvider time,
    TransportLog log,
    IMemoryPoolFactory<byte> pools) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint or UnixDomainSocketEndPoint or FileHandleEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket socket;
        try
        {
            socket = options.Value.CreateBoundListenSocket(endpoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(exception.Message, exception);
        }

        if (socket.LocalEndPoint is IPEndPoint)
            socket.NoDelay = options.Value.NoDelay;
        KeepAlive.Set(socket, ducts.Value.WebSocketServer.PingPongInterval);
        socket.Listen(options.Value.Backlog);
        return new ValueTask<IConnectionListener>(new SocketListener(socket, endpoint, options.Value, pools.Create(), connections, stop, time, log));
    }
}
