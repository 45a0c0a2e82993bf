using System.Buffers;
using System.Buffers.Binary;

namespace Ducts.Load;

/// <summary>Counts what a server sends, without looking at more than it must.</summary>
/// <param name="countsRecords">Messages are what a record separator ends (SignalR), not frames.</param>
internal sealed class FrameScanner(bool countsRecords)
{
    private const byte RecordSeparator = 0x1E;

    // RECEIVED of a server: [null, 7, …
    private static readonly byte[] Receipt = [0x93, 0xC0, 7];

    private readonly byte[] _head = new byte[10];
    private readonly ArrayBufferWriter<byte> _message = new();
    private int _receiptLength;
    private int _headLength;
    private long _rest;
    private long _length;
    private bool _inPayload;

    /// <summary>Pings since they were last taken.</summary>
    public int Pings { get; set; }

    /// <summary>What the last ping carried, which its pong carries back.</summary>
    public byte[] PingPayload { get; private set; } = [];

    /// <summary>Takes a message of one frame.</summary>
    public delegate void MessageTaker(ReadOnlySpan<byte> message);

    /// <summary>Told each message; null where only their number matters, which costs nothing.</summary>
    public MessageTaker? Message { get; set; }

    /// <summary>Told the length of each frame that ends a message; null where only their number matters.</summary>
    public Action<long>? Ended { get; set; }

    /// <summary>The server has closed.</summary>
    public bool Closed { get; private set; }

    private bool Final => (_head[0] & 0x80) != 0;

    private int Opcode => _head[0] & 0x0F;

    /// <summary>Takes bytes up.</summary>
    /// <returns>How many messages ended in them.</returns>
    public int Feed(ReadOnlySpan<byte> bytes)
    {
        var messages = 0;
        while (true)
        {
            if (!_inPayload && !TryReadHead(ref bytes))
                return messages;
            var taken = (int)Math.Min(_rest, bytes.Length);
            LookForReceipt(bytes[..taken]);
            if (Message is not null)
                _message.Write(bytes[..taken]);
            if (countsRecords)
                messages += bytes[..taken].Count(RecordSeparator);
            if (_headLength == 0 && Opcode == Frame.Ping && taken > 0)
                PingPayload = _rest == _length ? bytes[..taken].ToArray() : [.. PingPayload, .. bytes[..taken]];
            _rest -= taken;
            bytes = bytes[taken..];
            if (_rest > 0)
                return messages;
            _inPayload = false;
            messages += EndFrame();
        }
    }

    private int EndFrame()
    {
        if (Message is not null)
        {
            if (Opcode == Frame.Binary)
                Message(_message.WrittenSpan);
            _message.ResetWrittenCount();
        }

        switch (Opcode)
        {
            case Frame.Ping:
                Pings++;
                if (_length == 0)
                    PingPayload = [];
                return 0;
            case 8:
                Closed = true;
                return 0;
            case Frame.Pong:
                return 0;
            default:
                if (_receiptLength == Receipt.Length)
                    return 0;
                if (Final)
                    Ended?.Invoke(_length);
                return Final && !countsRecords ? 1 : 0;
        }
    }

    // Compares the first bytes of a message, whatever reads they come in.
    private void LookForReceipt(ReadOnlySpan<byte> bytes)
    {
        var position = _length - _rest;
        for (var i = 0; i < bytes.Length && position + i < Receipt.Length; i++)
        {
            _receiptLength = bytes[i] == Receipt[(int)position + i] && _receiptLength == position + i ? _receiptLength + 1 : 0;
        }
    }

    private bool TryReadHead(ref ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var needed = _headLength < 2 ? 2 : (_head[1] & 0x7F) switch { 126 => 4, 127 => 10, _ => 2 };
            if (_headLength == needed)
            {
                _rest = needed switch
                {
                    4 => BinaryPrimitives.ReadUInt16BigEndian(_head.AsSpan(2)),
                    10 => BinaryPrimitives.ReadInt64BigEndian(_head.AsSpan(2)),
                    _ => _head[1] & 0x7F,
                };
                _length = _rest;
                _receiptLength = 0;
                _headLength = 0;
                _inPayload = true;
                return true;
            }

            if (bytes.IsEmpty)
                return false;
            var taken = Math.Min(needed - _headLength, bytes.Length);
            bytes[..taken].CopyTo(_head.AsSpan(_headLength));
            _headLength += taken;
            bytes = bytes[taken..];
        }
    }
}
