using System.Net;
using System.Net.Sockets;

namespace Ducts.Tests.Support;

/// <summary>Two ends of a connection over the loopback.</summary>
internal static class SocketPair
{
    public static async Task<(Socket Ours, Socket Peer)> ConnectAsync(Action<Socket>? configureListening = null, Action<Socket>? configurePeer = null)
    {
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        configureListening?.Invoke(listening);
        listening.Listen();
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        configurePeer?.Invoke(peer);
        await peer.ConnectAsync(listening.LocalEndPoint!);
        return (await listening.AcceptAsync(), peer);
    }
}
