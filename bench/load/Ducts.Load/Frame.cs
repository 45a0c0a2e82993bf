using System.Buffers.Binary;

namespace Ducts.Load;

/// <summary>A client's WebSocket frames, encoded once and sent many times.</summary>
internal static class Frame
{
    public const byte Text = 1;
    public const byte Binary = 2;
    public const byte Ping = 9;
    public const byte Pong = 10;

    // Any mask but zero, so that servers have to unmask.
    private static ReadOnlySpan<byte> Mask => [0x37, 0xFA, 0x21, 0x3D];

    public static byte[] Encode(byte opcode, ReadOnlySpan<byte> payload)
    {
        var headLength = payload.Length switch { < 126 => 2, <= ushort.MaxValue => 4, _ => 10 };
        var frame = new byte[headLength + Mask.Length + payload.Length];
        frame[0] = (byte)(0x80 | opcode);
        switch (headLength)
        {
            case 2:
                frame[1] = (byte)(0x80 | payload.Length);
                break;
            case 4:
                frame[1] = 0x80 | 126;
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
                break;
            default:
                frame[1] = 0x80 | 127;
                BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(2), payload.Length);
                break;
        }

        Mask.CopyTo(frame.AsSpan(headLength));
        for (var i = 0; i < payload.Length; i++)
            frame[headLength + Mask.Length + i] = (byte)(payload[i] ^ Mask[i % Mask.Length]);
        return frame;
    }

    public static byte[] Repeat(byte[] frame, int count)
    {
        var frames = new byte[frame.Length * count];
        for (var i = 0; i < count; i++)
            frame.CopyTo(frames, i * frame.Length);
        return frames;
    }
}
