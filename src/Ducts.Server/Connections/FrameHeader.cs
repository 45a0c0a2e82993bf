using System.Buffers.Binary;

namespace Ducts.Connections;

/// <summary>The head of a WebSocket frame, RFC 6455 section 5.2.</summary>
internal readonly record struct FrameHeader(Opcode Opcode, bool Final, uint Mask, long PayloadLength, int HeaderLength)
{
    /// <summary>The longest head a server sends: two bytes and a 64-bit length; servers do not mask.</summary>
    public const int MaxServerLength = 10;

    public bool IsControl => Opcode >= Opcode.Close;

    /// <summary>Reads the head of a client's frame.</summary>
    /// <returns><see cref="FrameStatus.Incomplete"/> when more bytes are needed.</returns>
    public static FrameStatus TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < 2)
            return FrameStatus.Incomplete;

        int first = bytes[0];
        int second = bytes[1];
        // No extension is negotiated, so the reserved bits must be clear; a client must mask.
        if ((first & 0x70) != 0 || (second & 0x80) == 0)
            return FrameStatus.ProtocolError;
        var opcode = (Opcode)(first & 0x0F);
        if (opcode is not (Opcode.Continuation or Opcode.Text or Opcode.Binary or Opcode.Close or Opcode.Ping or Opcode.Pong))
            return FrameStatus.ProtocolError;
        var final = (first & 0x80) != 0;
        if (opcode >= Opcode.Close && (!final || (second & 0x7F) > 125))
            return FrameStatus.ProtocolError;

        long length = second & 0x7F;
        var lengthBytes = length switch { 126 => 2, 127 => 8, _ => 0 };
        var headerLength = 2 + lengthBytes + sizeof(uint);
        if (bytes.Length < headerLength)
            return FrameStatus.Incomplete;
        if (lengthBytes == 2)
            length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        else if (lengthBytes == 8)
            length = BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
        if (length < 0 || (lengthBytes == 2 && length < 126) || (lengthBytes == 8 && length <= ushort.MaxValue))
            return FrameStatus.ProtocolError;

        var mask = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(2 + lengthBytes)..]);
        header = new FrameHeader(opcode, final, mask, length, headerLength);
        return FrameStatus.Complete;
    }

    /// <summary>The length of the head of a server's frame.</summary>
    public static int ServerLength(int payloadLength) => payloadLength switch
    {
        < 126 => 2,
        <= ushort.MaxValue => 4,
        _ => MaxServerLength,
    };

    /// <summary>Reads the head of a whole frame that <see cref="Write"/> has begun.</summary>
    public static (Opcode Opcode, bool Final, int Head, int Length) ReadServer(ReadOnlySpan<byte> frame)
    {
        var (head, length) = frame[1] switch
        {
            126 => (4, BinaryPrimitives.ReadUInt16BigEndian(frame[2..])),
            127 => (MaxServerLength, checked((int)BinaryPrimitives.ReadInt64BigEndian(frame[2..]))),
            var small => (2, small),
        };
        return ((Opcode)(frame[0] & 0x0F), (frame[0] & 0x80) != 0, head, length);
    }

    /// <summary>Writes the head of a server's frame.</summary>
    /// <returns>How many bytes were written: <see cref="ServerLength"/> of them.</returns>
    public static int Write(Span<byte> destination, Opcode opcode, bool final, int payloadLength)
    {
        destination[0] = (byte)((final ? 0x80 : 0) | (int)opcode);
        switch (payloadLength)
        {
            case < 126:
                destination[1] = (byte)payloadLength;
                return 2;
            case <= ushort.MaxValue:
                destination[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payloadLength);
                return 4;
            default:
                destination[1] = 127;
                BinaryPrimitives.WriteInt64BigEndian(destination[2..], payloadLength);
                return MaxServerLength;
        }
    }
}
