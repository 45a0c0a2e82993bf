using System.Net.Sockets;

namespace Ducts.Transport;

/// <summary>A socket that has been taken over from the transport.</summary>
/// <param name="socket">The socket; closed with this.</param>
/// <param name="unread">What the peer had sent and nobody has read.</param>
/// <remarks>Threading: as of a stream, with one reader and one writer; <see cref="Abort"/> comes from any thread.</remarks>
internal sealed class OwnedSocket(Socket socket, ReadOnlyMemory<byte> unread) : IDisposable
{
    private NetworkStream? _stream;

    /// <summary>Reads and writes the socket.</summary>
    public Stream Stream => _stream ??= new NetworkStream(socket, ownsSocket: false);

    /// <summary>Comes before what the stream reads.</summary>
    public ReadOnlyMemory<byte> Unread => unread;

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
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(buffer, cancellationToken) > 0)
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
                return socket.Poll(0, SelectMode.SelectError);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>Resets the connection.</summary>
    public void Abort() => socket.Close(timeout: 0);

    /// <summary>Closes the connection.</summary>
    public void Dispose()
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
