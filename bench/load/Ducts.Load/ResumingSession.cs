using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ducts.MessagePack;

namespace Ducts.Load;

/// <summary>
/// A session of version 2 over any number of connections: it reads one stream that counts, and may call, one request at a time. What
/// is missing, doubled or out of order is noted.
/// </summary>
/// <remarks>Threading: one task runs a session; any thread cuts it.</remarks>
internal sealed class ResumingSession(int port, IPAddress source)
{
    private const int TickEvent = 1015;
    private const int EchoEvent = 1000;
    private const int TickId = 1;
    private const int Received = 7;
    private const int Welcome = 8;
    private const int End = 12;
    private const int Hello = 13;
    private const int ReceiptMessages = 64;
    private const int MaxHandshake = 4096;
    private const int BufferSize = 4096;
    private const int MostPauseMilliseconds = 50;
    private const int MostTries = 5;

    private static readonly TimeSpan PauseOfFull = TimeSpan.FromSeconds(1);

    private static readonly HttpClient Http = new();

    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly Queue<byte[]> _kept = new();
    private int _length;
    private string _path = "";
    private string _key = "";
    private string? _life;
    private long _attempt;
    private long _received;
    private long _receipt;
    private long _sent;
    private long _items;
    private long _answers;
    private long _wrong;
    private int _lastCall;
    private Socket? _socket;
    private TaskCompletionSource _back = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopped;

    /// <summary>How far the counting stream has come.</summary>
    public long Items => Volatile.Read(ref _items);

    /// <summary>How many calls were answered.</summary>
    public long Answers => Volatile.Read(ref _answers);

    /// <summary>How many items or answers were not the ones that had to come.</summary>
    public long Wrong => Volatile.Read(ref _wrong);

    /// <summary>When WELCOME came last.</summary>
    public long WelcomeTime { get; private set; }

    /// <summary>Ends when the session has been resumed after <see cref="Cut"/>.</summary>
    public Task Back => Volatile.Read(ref _back).Task;

    /// <summary>Opens the session and its stream.</summary>
    public async Task OpenAsync(int tickMilliseconds, bool calls)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/ducts/wsd?uuid=load");
        var answer = await Http.GetFromJsonAsync<JsonElement>(address);
        _path = new Uri(answer.GetProperty("websocket_url").GetString()!).PathAndQuery + "?v=2";
        _key = answer.GetProperty("session_key").GetString()!;
        for (var tries = 1; _life is null; tries++)
        {
            try
            {
                await ConnectAsync();
                while (_life is null)
                    await ReceiveAsync();
            }
            catch (Exception exception) when (IsLoss(exception) && tries < MostTries)
            {
                // Full: the connections of those before are still ending.
                await Task.Delay(PauseOfFull);
            }
        }

        await SendNumberedAsync(Message(TickId, TickEvent, tickMilliseconds));
        if (calls)
            await CallAsync();
    }

    /// <summary>Uses the session until it is stopped, over one connection after the other.</summary>
    /// <param name="gate">Lets so many connect at a time.</param>
    public async Task RunAsync(SemaphoreSlim gate)
    {
        while (!_stopped)
        {
            try
            {
                await ReceiveAsync();
            }
            catch (Exception exception) when (IsLoss(exception))
            {
                await ReconnectAsync(gate);
            }
        }
    }

    /// <summary>Resets the connection: what is under way in either direction is lost.</summary>
    public void Cut()
    {
        Volatile.Write(ref _back, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _socket!.Close(0);
    }

    /// <summary>Ends the session.</summary>
    public async Task StopAsync()
    {
        _stopped = true;
        try
        {
            await SendAsync(Message(0, End, null));
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            // It ends by itself.
        }

        _socket!.Dispose();
    }

    private async Task ReconnectAsync(SemaphoreSlim gate)
    {
        while (!_stopped)
        {
            await gate.WaitAsync();
            try
            {
                _life ??= "";
                WelcomeTime = 0;
                await ConnectAsync();
                while (WelcomeTime == 0)
                    await ReceiveAsync();
                Volatile.Read(ref _back).TrySetResult();
                return;
            }
            catch (Exception exception) when (IsLoss(exception))
            {
                await Task.Delay(Random.Shared.Next(MostPauseMilliseconds));
            }
            finally
            {
                gate.Release();
            }
        }
    }

    private async Task ConnectAsync()
    {
        _socket?.Dispose();
        _length = 0;
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket = socket;
        socket.Bind(new IPEndPoint(source, 0));
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await SendAsync(Encoding.ASCII.GetBytes(
            $"GET {_path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        var answer = new byte[MaxHandshake];
        var length = 0;
        while (answer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            var count = await socket.ReceiveAsync(answer.AsMemory(length), SocketFlags.None);
            if (count == 0)
                throw new IOException("the server closed instead of opening a WebSocket");
            length += count;
        }

        if (!answer.AsSpan().StartsWith("HTTP/1.1 101 "u8))
            throw new IOException(Encoding.ASCII.GetString(answer, 0, length));
        // The server says nothing before HELLO.
        await SendAsync(HelloMessage());
    }

    private async ValueTask ReceiveAsync()
    {
        var count = await _socket!.ReceiveAsync(_buffer.AsMemory(_length), SocketFlags.None);
        if (count == 0)
            throw new IOException("the server has closed a connection");
        _length += count;
        var start = 0;
        while (TryReadFrame(_buffer.AsSpan(start, _length - start), out var opcode, out var head, out var size))
        {
            var payload = _buffer.AsMemory(start + head, size);
            start += head + size;
            switch (opcode)
            {
                case Frame.Binary:
                    await TakeAsync(payload);
                    break;
                case Frame.Ping:
                    await SendAsync(Frame.Encode(Frame.Pong, payload.Span));
                    break;
                case Frame.Pong:
                    break;
                default:
                    throw new IOException("the server has closed: " + Encoding.UTF8.GetString(payload.Span[Math.Min(2, payload.Length)..]));
            }
        }

        _buffer.AsSpan(start, _length - start).CopyTo(_buffer);
        _length -= start;
        if (_received - _receipt >= ReceiptMessages)
        {
            _receipt = _received;
            await SendAsync(Message(null, Received, _receipt));
        }
    }

    private async ValueTask TakeAsync(ReadOnlyMemory<byte> message)
    {
        switch (Take(message.Span, out var number))
        {
            case Welcome:
                WelcomeTime = Stopwatch.GetTimestamp();
                Confirm(number);
                foreach (var kept in _kept)
                    await SendAsync(kept);
                break;
            case Received:
                Confirm(number);
                break;
            case EchoEvent:
                Volatile.Write(ref _answers, _answers + 1);
                if (number != _lastCall)
                    Volatile.Write(ref _wrong, _wrong + 1);
                await CallAsync();
                break;
        }
    }

    // Returns the event where something is to be done.
    private int Take(ReadOnlySpan<byte> message, out long number)
    {
        number = 0;
        var reader = new PackReader(message);
        reader.TryReadArrayHeader(out _);
        var isOfRequest = reader.TryReadNil() != MessagePackStatus.Ok;
        if (isOfRequest)
            reader.TryReadInt64(out _);
        reader.TryReadInt32(out var eventId);
        if (eventId == Welcome)
        {
            reader.TryReadMapHeader(out _);
            // In the order in which this server writes them.
            reader.TryReadString(out _);
            reader.TryReadInt64(out number);
            reader.TryReadString(out _);
            reader.TryReadString(out _life);
            reader.TryReadString(out _);
            if (reader.TryReadBoolean(out var isLost) != MessagePackStatus.Ok || isLost)
                Volatile.Write(ref _wrong, _wrong + 1);
            return eventId;
        }

        if (eventId == Received && !isOfRequest)
        {
            reader.TryReadInt64(out number);
            return eventId;
        }

        _received++;
        if (eventId is 1 or 2)
        {
            reader.TryReadArrayHeader(out _);
            reader.TryReadInt64(out _);
            reader.TryReadInt64(out _);
            reader.TryReadInt64(out var item);
            if (item != _items + 1)
                Volatile.Write(ref _wrong, _wrong + 1);
            Volatile.Write(ref _items, item);
            return 0;
        }

        if (eventId == EchoEvent && reader.TryReadString(out var text) == MessagePackStatus.Ok && long.TryParse(text, CultureInfo.InvariantCulture, out number))
            return eventId;

        // An error, or the end of what has none.
        Volatile.Write(ref _wrong, _wrong + 1);
        return 0;
    }

    private ValueTask CallAsync()
    {
        _lastCall++;
        return SendNumberedAsync(Message(TickId + _lastCall, EchoEvent, _lastCall, asText: true));
    }

    private ValueTask SendNumberedAsync(byte[] frame)
    {
        _sent++;
        _kept.Enqueue(frame);
        return SendAsync(frame);
    }

    private void Confirm(long number)
    {
        while (_kept.Count > 0 && _sent - _kept.Count < number)
            _kept.Dequeue();
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket!.SendAsync(bytes, SocketFlags.None)..];
    }

    private byte[] HelloMessage()
    {
        _receipt = _received;
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(bytes);
        writer.WriteArrayHeader(3);
        writer.WriteNil();
        writer.WriteInt64(Hello);
        writer.WriteMapHeader(4);
        writer.WriteString("key");
        writer.WriteString(_key);
        writer.WriteString("received");
        writer.WriteInt64(_received);
        writer.WriteString("life");
        if (string.IsNullOrEmpty(_life))
            writer.WriteNil();
        else
            writer.WriteString(_life);
        writer.WriteString("attempt");
        writer.WriteInt64(++_attempt);
        writer.Flush();
        return Frame.Encode(Frame.Binary, bytes.WrittenSpan);
    }

    /// <summary>A message whose data is a number, or its text, or nothing; framed.</summary>
    public static byte[] Message(int? requestId, int eventId, long? data, bool asText = false)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(bytes);
        writer.WriteArrayHeader(3);
        if (requestId is { } id)
            writer.WriteInt64(id);
        else
            writer.WriteNil();
        writer.WriteInt64(eventId);
        if (data is not { } number)
            writer.WriteNil();
        else if (asText)
            writer.WriteString(number.ToString(CultureInfo.InvariantCulture));
        else
            writer.WriteInt64(number);
        writer.Flush();
        return Frame.Encode(Frame.Binary, bytes.WrittenSpan);
    }

    // The messages of these sessions are short.
    private static bool TryReadFrame(ReadOnlySpan<byte> bytes, out int opcode, out int head, out int size)
    {
        (opcode, head, size) = (0, 2, 0);
        if (bytes.Length < head)
            return false;
        opcode = bytes[0] & 0x0F;
        size = bytes[1];
        if (size == 126)
        {
            head = 4;
            if (bytes.Length < head)
                return false;
            size = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        }

        return bytes.Length >= head + size;
    }

    private static bool IsLoss(Exception exception) => exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException;
}
