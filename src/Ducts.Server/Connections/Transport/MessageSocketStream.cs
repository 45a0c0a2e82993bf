using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;

namespace Ducts.Connections.Transport;

/// <summary>
/// The frames of a WebSocket whose server keeps the bytes to itself and gives messages only, as ASP.NET Core's test server
/// does. What is read are the frames that the peer would have sent; what is written is taken apart into messages again.
/// </summary>
/// <remarks>
/// Threading: as of a stream, with one reader and one writer. A write has whole frames. Pings do not get through, so the
/// peer's silence says nothing.
/// </remarks>
internal sealed class MessageSocketStream(WebSocket socket) : Stream
{
    private const int BufferSize = 16 * 1024;

    // Two bytes, a 16-bit length, and a mask of zeros, which changes nothing.
    private const int MaxHead = 8;

    private readonly byte[] _frame = new byte[BufferSize + MaxHead];
    private int _start;
    private int _end;
    private bool _inMessage;
    private bool _closed;
    private WebSocketMessageType _writing;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_start == _end)
        {
            if (_closed)
            {
                return 0;
            }

            try
            {
                await ReceiveAsync(cancellationToken);
            }
            catch (WebSocketException exception)
            {
                throw new IOException(exception.Message, exception);
            }
        }

        var count = Math.Min(buffer.Length, _end - _start);
        _frame.AsSpan(_start, count).CopyTo(buffer.Span);
        _start += count;
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                var (opcode, final, head, length) = FrameHeader.ReadServer(buffer.Span);
                await SendAsync(opcode, final, buffer.Slice(head, length), cancellationToken);
                buffer = buffer[(head + length)..];
            }
        }
        catch (WebSocketException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        // Behind the longest head, which is written right before what has come.
        var result = await socket.ReceiveAsync(_frame.AsMemory(MaxHead, BufferSize), cancellationToken);
        if (result.MessageType == WebSocketMessageType.Close)
        {
            _closed = true;
            Frame(Opcode.Close, final: true, PackClose());
            return;
        }

        var opcode = _inMessage ? Opcode.Continuation : result.MessageType == WebSocketMessageType.Text ? Opcode.Text : Opcode.Binary;
        _inMessage = !result.EndOfMessage;
        Frame(opcode, result.EndOfMessage, result.Count);
    }

    private int PackClose()
    {
        if (socket.CloseStatus is not { } status || status == WebSocketCloseStatus.Empty)
        {
            return 0;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_frame.AsSpan(MaxHead), (ushort)status);
        return 2 + Encoding.UTF8.GetBytes(socket.CloseStatusDescription ?? "", _frame.AsSpan(MaxHead + 2));
    }

    private void Frame(Opcode opcode, bool final, int length)
    {
        var head = length < 126 ? 6 : MaxHead;
        _start = MaxHead - head;
        _end = MaxHead + length;
        var bytes = _frame.AsSpan(_start, head);
        bytes.Clear();
        bytes[0] = (byte)((final ? 0x80 : 0) | (int)opcode);
        bytes[1] = (byte)(0x80 | (length < 126 ? length : 126));
        if (length >= 126)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)length);
        }
    }

    private async ValueTask SendAsync(Opcode opcode, bool final, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        switch (opcode)
        {
            case Opcode.Text or Opcode.Binary:
                _writing = opcode == Opcode.Text ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
                await socket.SendAsync(payload, _writing, final, cancellationToken);
                break;
            case Opcode.Continuation:
                await socket.SendAsync(payload, _writing, final, cancellationToken);
                break;
            case Opcode.Close:
                var status = payload.Length < 2 ? WebSocketCloseStatus.Empty : (WebSocketCloseStatus)BinaryPrimitives.ReadUInt16BigEndian(payload.Span);
                var reason = payload.Length < 2 ? null : Encoding.UTF8.GetString(payload.Span[2..]);
                await socket.CloseOutputAsync(status, reason, cancellationToken);
                break;
        }
    }
}
