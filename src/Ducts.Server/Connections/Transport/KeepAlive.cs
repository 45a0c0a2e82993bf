using System.Net.Sockets;

namespace Ducts.Connections.Transport;

/// <summary>
/// TCP keep-alive: the system asks silent peers by itself whether they are there, and ends the connections of those that are not.
/// </summary>
internal static class KeepAlive
{
    // The connection ends when a third would be due.
    private const int Probes = 2;

    // What Linux takes.
    private const int MaxSeconds = 32_767;

    /// <summary>Sets it on a listening socket, of which the sockets that it accepts inherit it on Linux. Others keep their defaults.</summary>
    /// <param name="socket">The listening socket.</param>
    /// <param name="interval">The silence before the first probe, and between two.</param>
    public static void Set(Socket socket, TimeSpan interval)
    {
        if (!OperatingSystem.IsLinux() || socket.ProtocolType != ProtocolType.Tcp)
        {
            return;
        }

        var seconds = (int)Math.Clamp(Math.Ceiling(interval.TotalSeconds), 1, MaxSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, seconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, seconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
    }
}
