using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Ducts.Connections;
using Ducts.Sessions;

namespace Ducts.Tests.Support;

/// <summary>A WebSocket client on a bare socket, which can do everything that a client should not.</summary>
internal sealed class WireClient : IAsyncDisposable
{
    // SOL_SOCKET and SO_ATTACH_FILTER of Linux.
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;

    private static readonly byte[] Mask = [0x12, 0x34, 0x56, 0x78];

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly byte[] _input = new byte[64 * 1024];
    private int _start;
    private int _end;

    private WireClient(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>The answer to the handshake: its status line and headers.</summary>
    public string Answer { get; private set; } = "";

    public int Status => int.Parse(Answer.AsSpan(9, 3));

    /// <summary>Answers pings by itself.</summary>
    public bool AnswersPings { get; set; } = true;

    /// <summary>The largest frame that came.</summary>
    public int LargestFrame { get; private set; }

    public static async Task<WireClient> ConnectAsync(int port, int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } size)
            socket.ReceiveBufferSize = size;
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        return new WireClient(socket);
    }

    /// <summary>Asks for a WebSocket, whatever comes of it.</summary>
    public static async Task<WireClient> AskAsync(int port, string path, string headers = "", int? receiveBuffer = null)
    {
        var client = await ConnectAsync(port, receiveBuffer);
        await client.SendRawAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n"));
        await client.ReadAnswerAsync();
        return client;
    }

    public static async Task<WireClient> OpenAsync(int port, string path, int? receiveBuffer = null)
    {
        var client = await AskAsync(port, path, "", receiveBuffer);
        Assert.True(client.Status == 101, client.Answer);
        return client;
    }

    public static byte[] FrameBytes(Opcode opcode, ReadOnlySpan<byte> payload, bool final = true, bool masked = true, int reserved = 0)
    {
        var head = payload.Length < 126 ? 2 : payload.Length <= ushort.MaxValue ? 4 : 10;
        var frame = new byte[head + (masked ? 4 : 0) + payload.Length];
        frame[0] = (byte)((final ? 0x80 : 0) | reserved | (int)opcode);
        frame[1] = (byte)((masked ? 0x80 : 0) | (head == 2 ? payload.Length : head == 4 ? 126 : 127));
        if (head == 4)
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        else if (head == 10)
            BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(2), payload.Length);
        var body = frame.AsSpan(frame.Length - payload.Length);
        payload.CopyTo(body);
        if (!masked)
            return frame;
        Mask.CopyTo(frame.AsSpan(head));
        for (var i = 0; i < body.Length; i++)
            body[i] ^= Mask[i & 3];
        return frame;
    }

    /// <summary>Drops from now on whatever comes, before the system sees it, as if the host had been cut off. Linux only.</summary>
    public void Vanish()
    {
        // A filter of one instruction: keep nothing of the packet. The system copies it.
        var program = Marshal.AllocHGlobal(8);
        try
        {
            Marshal.WriteInt64(program, 0x06);
            Span<byte> filter = stackalloc byte[16];
            filter.Clear();
            filter[0] = 1;
            BinaryPrimitives.WriteInt64LittleEndian(filter[8..], program);
            _socket.SetRawSocketOption(SocketLevel, AttachFilter, filter);
        }
        finally
        {
            Marshal.FreeHGlobal(program);
        }
    }

    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes)
    {
        await _sending.WaitAsync(Until.Patience);
        try
        {
            await _stream.WriteAsync(bytes).AsTask().WaitAsync(Until.Patience);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Returns what comes until the server closes the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var reader = new StreamReader(_stream, Encoding.UTF8, leaveOpen: true);
        return await reader.ReadToEndAsync().WaitAsync(Until.Patience);
    }

    public Task SendFrameAsync(Opcode opcode, ReadOnlyMemory<byte> payload, bool final = true, bool masked = true, int reserved = 0) =>
        SendRawAsync(FrameBytes(opcode, payload.Span, final, masked, reserved));

    /// <summary>Sends a message in MessagePack that the test writes as JSON.</summary>
    public Task SendAsync(string json) => SendFrameAsync(Opcode.Binary, Packed.From(json));

    public Task SendBinaryAsync(ReadOnlyMemory<byte> message) => SendFrameAsync(Opcode.Binary, message);

    public Task SendTextAsync(string text) => SendFrameAsync(Opcode.Text, Encoding.UTF8.GetBytes(text));

    public async Task<string> CallAsync(string json)
    {
        await SendAsync(json);
        return await ReceiveAsync();
    }

    /// <summary>
    /// The next message, as JSON; one in text as it came, after <c>text </c>; <c>close CODE REASON</c>; <c>end</c>.
    /// </summary>
    public async Task<string> ReceiveAsync()
    {
        var (opcode, bytes) = await ReceiveBytesAsync();
        return opcode switch
        {
            Opcode.Binary => Packed.ToJson(bytes),
            Opcode.Text => "text " + Encoding.UTF8.GetString(bytes),
            Opcode.Close => $"close {BinaryPrimitives.ReadUInt16BigEndian(bytes)} {Encoding.UTF8.GetString(bytes.AsSpan(2))}".TrimEnd(),
            _ => "end",
        };
    }

    public async Task<string[]> ReceiveAsync(int count)
    {
        var messages = new string[count];
        for (var i = 0; i < count; i++)
            messages[i] = await ReceiveAsync();
        return messages;
    }

    /// <summary>The next message or close frame, put together; opcode <see cref="Opcode.Continuation"/> at the end.</summary>
    public async Task<(Opcode Opcode, byte[] Bytes)> ReceiveBytesAsync()
    {
        var whole = new MemoryStream();
        var opcode = Opcode.Continuation;
        while (await ReadFrameAsync() is { } frame)
        {
            if (frame.Opcode == Opcode.Ping && AnswersPings)
                AnswerPing(frame.Payload);
            if (frame.Opcode is Opcode.Ping or Opcode.Pong)
                continue;
            if (frame.Opcode == Opcode.Close)
                return (frame.Opcode, frame.Payload);
            if (frame.Opcode != Opcode.Continuation)
                opcode = frame.Opcode;
            whole.Write(frame.Payload);
            if (frame.Final)
                return (opcode, whole.ToArray());
        }

        return (Opcode.Continuation, []);
    }

    /// <summary>Reads the ping that follows what has been received, and answers it with its own number or another.</summary>
    /// <returns>The number of the last message that it asks for.</returns>
    public async Task<long> ConfirmAsync(long? number = null)
    {
        var ping = await ReadFrameAsync();
        Assert.Equal((Opcode.Ping, 8), (ping!.Opcode, ping.Payload.Length));
        var asked = BinaryPrimitives.ReadInt64BigEndian(ping.Payload);
        await PongAsync(number ?? asked);
        return asked;
    }

    /// <summary>Says that it has received all that its session has sent, until the session knows; pings may have been read before.</summary>
    public Task ConfirmAllAsync(Session session) => Until.TrueAsync(async () =>
    {
        // It counts once the server has asked for it.
        await PongAsync(session.Sent);
        return session.Outbox.Confirmed == session.Sent;
    });

    /// <summary>Says that it has received all messages up to a number.</summary>
    public Task PongAsync(long number)
    {
        var payload = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(payload, number);
        return SendFrameAsync(Opcode.Pong, payload);
    }

    /// <summary>The next frame; null when the socket has ended.</summary>
    public async Task<Frame?> ReadFrameAsync()
    {
        if (!await FillAsync(2))
            return null;
        var first = _input[_start];
        var length = (long)_input[_start + 1];
        Assert.True(length < 128, "A server does not mask.");
        _start += 2;
        if (length == 126 && await FillAsync(2))
            length = BinaryPrimitives.ReadUInt16BigEndian(Take(2));
        else if (length == 127 && await FillAsync(8))
            length = BinaryPrimitives.ReadInt64BigEndian(Take(8));
        var payload = new byte[length];
        for (var done = 0; done < payload.Length;)
        {
            if (!await FillAsync(1))
                return null;
            var piece = Math.Min(_end - _start, payload.Length - done);
            Take(piece).CopyTo(payload.AsSpan(done));
            done += piece;
        }

        LargestFrame = Math.Max(LargestFrame, payload.Length);
        return new Frame((Opcode)(first & 15), (first & 128) != 0, payload);
    }

    public async Task ReadAnswerAsync()
    {
        var answer = new StringBuilder();
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await FillAsync(1))
            answer.Append((char)Take(1)[0]);
        Answer = answer.ToString();
        if (Answer.Length < 12)
            throw new IOException("The socket ended during the handshake.");
    }

    /// <summary>Ends with FIN what this side sends.</summary>
    public void Finish() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends with RST.</summary>
    public void Reset() => _socket.Close(0);

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    // Not awaited, as in every client: it may stand behind what the server does not read yet, and reading goes on.
    private void AnswerPing(byte[] payload) =>
        SendFrameAsync(Opcode.Pong, payload).ContinueWith(static failed => failed.Exception, TaskContinuationOptions.OnlyOnFaulted);

    private Span<byte> Take(int count)
    {
        _start += count;
        return _input.AsSpan(_start - count, count);
    }

    private async Task<bool> FillAsync(int count)
    {
        while (_end - _start < count)
        {
            if (_input.Length - _start < 16)
            {
                _input.AsSpan(_start, _end - _start).CopyTo(_input);
                _end -= _start;
                _start = 0;
            }

            if (_start == _end)
                _start = _end = 0;
            int read;
            try
            {
                read = await _stream.ReadAsync(_input.AsMemory(_end)).AsTask().WaitAsync(Until.Patience);
            }
            catch (IOException)
            {
                return false;
            }

            if (read == 0)
                return false;
            _end += read;
        }

        return true;
    }
}
