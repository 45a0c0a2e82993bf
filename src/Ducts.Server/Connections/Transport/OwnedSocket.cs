using System.Net.Sockets;

namespace Ducts.Connections.Transport;

/// <summary>A socket that has been taken over from the transport.</summary>
/// <remarks>Threading: as of a stream, with one reader and one writer; <see cref="Abort"/> comes from any thread.</remarks>
internal sealed class OwnedSocket : IDisposable
{
    private readonly Socket _socket;
    private readonly ConnectionPlace? _place;

    /// <summary>Takes a socket, which is closed with this.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="unread">What the peer had sent and nobody has read.</param>
    /// <param name="place">Its place among the connections of the server, given back with it.</param>
    public OwnedSocket(Socket socket, ReadOnlyMemory<byte> unread, ConnectionPlace? place = null)
    {
        _socket = socket;
        _place = place;
        Unread = unread;
        // The stream wants a socket that blocks, and does not look again: what it does is asynchronous in either mode.
        Stream = new NetworkStream(socket, ownsSocket: false);
        socket.Blocking = false;
    }

    /// <summary>Reads and writes the socket.</summary>
    public Stream Stream { get; }

    /// <summary>Comes before what the stream reads.</summary>
    public ReadOnlyMemory<byte> Unread { get; }

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
