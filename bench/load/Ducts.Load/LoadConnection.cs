using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ducts.Load;

/// <summary>A WebSocket that costs its process little: bytes prepared beforehand go out, messages that come in are counted.</summary>
/// <remarks>Threading: one reader at a time.</remarks>
internal sealed class LoadConnection : IDisposable
{
    private const int MaxResponse = 16 * 1024;
    private const int ReceiptBytes = 256 * 1024;
    private const int ReceiptMilliseconds = 1000;
    private static readonly byte[] PongFrame = Frame.Encode(Frame.Pong, []);
    private static readonly byte[] CloseFrame = Frame.Encode(8, [0x03, 0xE8]);

    private readonly Socket _socket;
    private readonly FrameScanner _scanner;
    private readonly byte[] _buffer;
    private int _greeted;
    private bool _sendsReceipts;
    private byte[] _end = [];
    private long _received;
    private long _receiptTime = Environment.TickCount64;
    private bool _owesReceipt;
    private long _unconfirmedBytes;

    private LoadConnection(Socket socket, FrameScanner scanner, int bufferSize)
    {
        _socket = socket;
        _scanner = scanner;
        _buffer = new byte[bufferSize];
    }

    /// <summary>Told each message that has come; those of these scenarios are short.</summary>
    public FrameScanner.MessageTaker? Message { set => _scanner.Message = value; }

    /// <summary>Told the length of each message that has come.</summary>
    public Action<long>? Ended { set => _scanner.Ended = value; }

    /// <summary>Opens a WebSocket and says hello.</summary>
    /// <param name="port">The server's, on the loopback.</param>
    /// <param name="dialect">How it is spoken to.</param>
    /// <param name="bufferSize">Bytes that one read takes at the most.</param>
    /// <param name="follower">For a follower, in the scenario that fans out.</param>
    /// <param name="source">The address to come from: one address has ports for some 28,000 sockets.</param>
    public static async Task<LoadConnection> OpenAsync(int port, Dialect dialect, int bufferSize, bool follower = false, IPAddress? source = null)
    {
        var (path, hello) = await dialect.FindAsync(port, follower);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (source is not null)
                socket.Bind(new IPEndPoint(source, 0));
            await socket.ConnectAsync(IPAddress.Loopback, port);
            var connection = new LoadConnection(socket, new FrameScanner(dialect.CountsRecords), bufferSize);
            await connection.UpgradeAsync(port, path);
            if (hello.Length > 0)
                await connection.SendAsync(hello);
            while (connection._greeted < dialect.Greetings)
                connection._greeted += await connection.ReceiveAsync();
            connection._sendsReceipts = dialect.SendsReceipts;
            connection._end = dialect.End;
            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> frames)
    {
        if (_owesReceipt)
        {
            _owesReceipt = false;
            frames = (byte[])[.. Receipt(_received), .. frames.Span];
        }

        while (!frames.IsEmpty)
            frames = frames[await _socket.SendAsync(frames, SocketFlags.None)..];
    }

    /// <summary>Reads once, answering pings.</summary>
    /// <returns>How many messages ended in what was read.</returns>
    /// <exception cref="IOException">The server has closed.</exception>
    public async ValueTask<int> ReceiveAsync()
    {
        // Nothing was sent with which it could have gone along.
        if (_owesReceipt)
            await SendAsync(ReadOnlyMemory<byte>.Empty);
        var count = await _socket.ReceiveAsync(_buffer.AsMemory(), SocketFlags.None);
        if (count == 0)
            throw new IOException("the server has closed a connection");
        var messages = _scanner.Feed(_buffer.AsSpan(0, count));
        if (_scanner.Closed)
            throw new IOException("the server has sent a close frame");
        for (; _scanner.Pings > 0; _scanner.Pings--)
            await SendAsync(_scanner.PingPayload.Length == 0 ? PongFrame : Frame.Encode(Frame.Pong, _scanner.PingPayload));
        if (_sendsReceipts)
            NoteReceived(messages, count);
        return messages;
    }

    /// <summary>Reads once what has come, if anything has, and answers pings; does not wait.</summary>
    public void ReceiveAvailable()
    {
        if (_socket.Available > 0)
            ReceiveAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Reads once and answers no pings.</summary>
    /// <returns>How many bytes came; 0 when the server has closed.</returns>
    public ValueTask<int> ReceiveSilentlyAsync() => _socket.ReceiveAsync(_buffer.AsMemory(), SocketFlags.None);

    /// <summary>Says that it closes, so that the server ends the session at once.</summary>
    public async Task CloseAsync()
    {
        try
        {
            if (_end.Length > 0)
                await SendAsync(_end);
            await SendAsync(CloseFrame);
        }
        catch (SocketException)
        {
            // Closed by the server already.
        }
    }

    public void Dispose() => _socket.Dispose();

    // As the clients of this project: every 256 KiB, and a second after a message.
    private void NoteReceived(int messages, int bytes)
    {
        var now = Environment.TickCount64;
        _received += messages;
        _unconfirmedBytes += bytes;
        if (_unconfirmedBytes < ReceiptBytes && now - _receiptTime < ReceiptMilliseconds)
            return;
        _unconfirmedBytes = 0;
        _receiptTime = now;
        _owesReceipt = true;
    }

    private static byte[] Receipt(long number)
    {
        Span<byte> message = stackalloc byte[12];
        message[0] = 0x93;
        message[1] = 0xC0;
        message[2] = 7;
        message[3] = 0xCF;
        BinaryPrimitives.WriteInt64BigEndian(message[4..], number);
        return Frame.Encode(Frame.Binary, message);
    }

    private async Task UpgradeAsync(int port, string path)
    {
        await SendAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        var response = new byte[MaxResponse];
        var length = 0;
        while (true)
        {
            var count = await _socket.ReceiveAsync(response.AsMemory(length), SocketFlags.None);
            if (count == 0)
                throw new IOException("the server closed instead of opening a WebSocket");
            length += count;
            var end = response.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end < 0)
                continue;
            if (!response.AsSpan().StartsWith("HTTP/1.1 101 "u8))
                throw new IOException(Encoding.ASCII.GetString(response, 0, end));
            _greeted = _scanner.Feed(response.AsSpan(end + 4, length - end - 4));
            return;
        }
    }
}
