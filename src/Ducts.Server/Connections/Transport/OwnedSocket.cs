using System.Buffers.Binary;
using System.Net.Sockets;

namespace Ducts.Connections.Transport;

/// <summary>A socket that has been taken over from the transport.</summary>
/// <remarks>Threading: as of a stream, with one reader and one writer; <see cref="Abort"/> comes from any thread.</remarks>
internal sealed class OwnedSocket : IDisposable
{
    // TCP_INFO of Linux: struct tcp_info, whose first byte is the state of the connection, and its tcpi_bytes_acked.
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const byte Closed = 7;
    private const byte CloseWait = 8;
    private const int AcknowledgedOffset = 120;
    private const int NotSentOffset = 144;
    private const int DropSize = 4096;

    private static readonly TimeSpan LingerInterval = TimeSpan.FromMilliseconds(20);

    private readonly Socket _socket;
    private readonly ConnectionPlace? _place;
    private ReadOnlyMemory<byte> _unread;

    /// <summary>Takes a socket, which is closed with this.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="unread">What the peer had sent and nobody has read.</param>
    /// <param name="place">Its place among the connections of the server, given back with it.</param>
    public OwnedSocket(Socket socket, ReadOnlyMemory<byte> unread, ConnectionPlace? place = null)
    {
        _socket = socket;
        _place = place;
        _unread = unread;
        // The stream wants a socket that blocks, and does not look again: what it does is asynchronous in either mode.
        Stream = new NetworkStream(socket, ownsSocket: false);
        socket.Blocking = false;
    }

    /// <summary>Reads and writes the socket.</summary>
    public Stream Stream { get; }

    /// <summary>
    /// Gets how many bytes the peer's system has taken so far; 0 where this system does not tell. It grows while the peer
    /// reads, long before there is room for a further write.
    /// </summary>
    public long Acknowledged
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                return 0;
            }

            try
            {
                Span<byte> info = stackalloc byte[AcknowledgedOffset + sizeof(long)];
                return _socket.GetRawSocketOption(TcpLevel, TcpInfo, info) == info.Length
                    ? BinaryPrimitives.ReadInt64LittleEndian(info[AcknowledgedOffset..])
                    : 0;
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return 0;
            }
        }
    }

    /// <summary>
    /// Returns how many bytes the system had not sent when the connection ended, and never will; 0 where it has not ended, or the system
    /// does not tell.
    /// </summary>
    public long FindUnsent()
    {
        if (!OperatingSystem.IsLinux() || _socket.ProtocolType != ProtocolType.Tcp)
        {
            return 0;
        }

        try
        {
            Span<byte> info = stackalloc byte[NotSentOffset + sizeof(uint)];
            return _socket.GetRawSocketOption(TcpLevel, TcpInfo, info) == info.Length && info[0] == Closed
                ? BinaryPrimitives.ReadUInt32LittleEndian(info[NotSentOffset..])
                : 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    /// <summary>Ends what can be read behind what has come so far.</summary>
    public void EndReading()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Receive);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    /// <summary>Returns what the system knows of whether the peer is there; null where it does not tell.</summary>
    public PeerState? FindPeerState()
    {
        if (!OperatingSystem.IsLinux() || _socket.ProtocolType != ProtocolType.Tcp)
        {
            return null;
        }

        try
        {
            Span<byte> info = stackalloc byte[PeerState.Size];
            return _socket.GetRawSocketOption(TcpLevel, TcpInfo, info) == info.Length ? PeerState.Read(info) : null;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Who reads it is told.
            return null;
        }
    }

    /// <summary>
    /// Says that nothing more is sent and reads on to the peer's end. Closed with bytes unread, the socket would be reset,
    /// and what was sent last might not arrive.
    /// </summary>
    /// <param name="buffer">Where what is read goes, to be dropped.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task LingerAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            while (await _socket.ReceiveAsync(buffer, cancellationToken) > 0)
            {
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It has ended otherwise.
        }
    }

    /// <summary>
    /// Waits for the peer's end after <see cref="EndReading"/>: what it still sends, such as a pong, must not reset the connection before
    /// it has read what was sent last. Once either side were shut down, too, the system would reset it for that.
    /// </summary>
    public async Task LingerUnreadAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var dropped = new byte[DropSize];
        try
        {
            while (!HasEnded)
            {
                while (_socket.Available > 0)
                {
                    _socket.Receive(dropped, SocketFlags.None, out _);
                }

                await Task.Delay(LingerInterval, time, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It has ended otherwise.
        }
    }

    /// <summary>Whether the peer has reset the connection, which nobody notices who neither reads nor writes.</summary>
    public bool IsReset
    {
        get
        {
            try
            {
                return _socket.Poll(0, SelectMode.SelectError);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>
    /// Gets whether the peer has said that it sends nothing more, which may lie behind bytes that nobody has read, or has reset the
    /// connection.
    /// </summary>
    public bool HasPeerEnded
    {
        get
        {
            try
            {
                // An end can be read. Mostly there is none, and to ask this costs less than to ask for the state.
                if (!_socket.Poll(0, SelectMode.SelectRead))
                {
                    return false;
                }

                if (OperatingSystem.IsLinux() && _socket.ProtocolType == ProtocolType.Tcp)
                {
                    Span<byte> state = stackalloc byte[1];
                    return _socket.GetRawSocketOption(TcpLevel, TcpInfo, state) == 1 && state[0] is CloseWait or Closed;
                }

                // Elsewhere it shows once the bytes before it have been read.
                return _socket.Available == 0;
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    // Where the system does not tell, the peer is not waited for.
    private bool HasEnded
    {
        get
        {
            if (!OperatingSystem.IsLinux() || _socket.ProtocolType != ProtocolType.Tcp)
            {
                return true;
            }

            Span<byte> state = stackalloc byte[1];
            return _socket.GetRawSocketOption(TcpLevel, TcpInfo, state) != 1 || state[0] is CloseWait or Closed;
        }
    }

    /// <summary>Sends what the system takes at once, without the way over an asynchronous operation.</summary>
    /// <returns>How many bytes that were.</returns>
    /// <exception cref="SocketException">The connection is lost.</exception>
    /// <exception cref="ObjectDisposedException">It has been closed.</exception>
    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        var sent = _socket.Send(bytes, SocketFlags.None, out var error);
        return error switch
        {
            SocketError.Success => sent,
            SocketError.WouldBlock => 0,
            _ => throw new SocketException((int)error),
        };
    }

    /// <summary>
    /// Sends one byte as soon as the system takes more, which then takes more than that. A single byte has left or it has
    /// not: whoever gives up, or fails, knows exactly what has been sent.
    /// </summary>
    public async ValueTask SendByteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        await _socket.SendAsync(bytes[..1], SocketFlags.None, cancellationToken);

    /// <summary>Takes what came before the stream's first read; nothing the next time.</summary>
    public ReadOnlyMemory<byte> TakeUnread()
    {
        var unread = _unread;
        _unread = default;
        return unread;
    }

    /// <summary>Resets the connection.</summary>
    public void Abort()
    {
        Reset(_socket);
        _place?.Dispose();
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose()
    {
        Close(_socket);
        _place?.Dispose();
    }

    /// <summary>Closes a socket so that its peer sees that what it got is not the whole.</summary>
    public static void Reset(Socket socket) => socket.Close(timeout: 0);

    /// <summary>Closes a socket in the regular way.</summary>
    public static void Close(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }

        socket.Dispose();
    }
}
