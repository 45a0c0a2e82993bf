using System.Net;
using System.Net.Sockets;

namespace Ducts.Live.Doors;

/// <summary>
/// Leads every host to a proxy on this machine. The TLS that a public host's <c>https</c> and <c>wss</c> ask for ends before
/// it, so the proxy is spoken to in plain.
/// </summary>
internal sealed class ThroughNginx : DelegatingHandler
{
    public ThroughNginx(int port)
        : base(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
    {
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = new UriBuilder(request.RequestUri!) { Scheme = request.RequestUri!.Scheme is "wss" or "ws" ? "ws" : "http" }.Uri;
        return base.SendAsync(request, cancellationToken);
    }
}
