using System.Buffers.Binary;

namespace Ducts.MessagePack;

public ref partial struct PackReader
{
    /// <summary>
    /// Reads a string. Overlong forms and surrogates of three bytes each, which some clients send, are decoded; invalid bytes
    /// become U+FFFD.
    /// </summary>
    /// <param name="value">The text; empty unless Ok.</param>
    /// <returns>Ok, EndOfData, InvalidFormat or TypeMismatch.</returns>
    public MessagePackStatus TryReadString(out string value)
    {
        var status = TryReadStringBytes(out var utf8);
        value = LenientUtf8.GetString(utf8);
        return status;
    }

    /// <summary>Reads the bytes of a string, which may be invalid UTF-8.</summary>
    /// <param name="value">The bytes, in the data.</param>
    /// <returns>Ok, EndOfData, InvalidFormat or TypeMismatch.</returns>
    public MessagePackStatus TryReadStringBytes(out ReadOnlySpan<byte> value)
    {
        value = default;
        var rest = Remaining;
        if (rest.IsEmpty)
            return MessagePackStatus.EndOfData;
        var code = rest[0];
        return code switch
        {
            >= MessagePackCode.FixString and < MessagePackCode.Nil => Take(rest, header: 1, (uint)code & 0x1f, out value),
            >= MessagePackCode.String8 and <= MessagePackCode.String32 => TakeSized(rest, 1 << (code - MessagePackCode.String8), 0, out value),
            _ => Unexpected(code),
        };
    }

    /// <summary>Reads bytes.</summary>
    /// <param name="value">The bytes, in the data.</param>
    /// <returns>Ok, EndOfData, InvalidFormat or TypeMismatch.</returns>
    public MessagePackStatus TryReadBinary(out ReadOnlySpan<byte> value)
    {
        value = default;
        var rest = Remaining;
        if (rest.IsEmpty)
            return MessagePackStatus.EndOfData;
        var code = rest[0];
        return code is >= MessagePackCode.Bin8 and <= MessagePackCode.Bin32
            ? TakeSized(rest, 1 << (code - MessagePackCode.Bin8), 0, out value)
            : Unexpected(code);
    }

    /// <summary>Reads an extension of any type without interpreting it.</summary>
    /// <param name="type">Its type; negative ones belong to the specification.</param>
    /// <param name="value">Its bytes, in the data.</param>
    /// <returns>Ok, EndOfData, InvalidFormat or TypeMismatch.</returns>
    public MessagePackStatus TryReadExtension(out sbyte type, out ReadOnlySpan<byte> value)
    {
        value = default;
        type = 0;
        var rest = Remaining;
        if (rest.IsEmpty)
            return MessagePackStatus.EndOfData;
        var code = rest[0];
        MessagePackStatus status;
        int header;
        if (code is >= MessagePackCode.FixExt1 and <= MessagePackCode.FixExt16)
        {
            header = 2;
            status = Take(rest, header, 1u << (code - MessagePackCode.FixExt1), out value);
        }
        else if (code is >= MessagePackCode.Ext8 and <= MessagePackCode.Ext32)
        {
            var sizeBytes = 1 << (code - MessagePackCode.Ext8);
            header = 2 + sizeBytes;
            status = TakeSized(rest, sizeBytes, 1, out value);
        }
        else
        {
            return Unexpected(code);
        }

        if (status == MessagePackStatus.Ok)
            type = (sbyte)rest[header - 1];
        return status;
    }

    /// <summary>Reads the timestamp extension in any of its three lengths.</summary>
    /// <param name="value">The time in UTC, to the 100 ns before it.</param>
    /// <returns>Ok, EndOfData, InvalidFormat, TypeMismatch, or OutOfRange when it is no timestamp that .NET can hold.</returns>
    public MessagePackStatus TryReadTimestamp(out DateTimeOffset value) => TryReadTimestamp(out value, out _);

    /// <summary>Reads the timestamp extension, with the nanoseconds (0 to 99) that .NET's types cannot hold.</summary>
    internal MessagePackStatus TryReadTimestamp(out DateTimeOffset value, out int rest)
    {
        value = default;
        rest = 0;
        var start = _position;
        var status = TryReadExtension(out var type, out var bytes);
        if (status != MessagePackStatus.Ok)
            return status;
        status = type == MessagePackCode.TimestampType ? ToTimestamp(bytes, out value, out rest) : MessagePackStatus.TypeMismatch;
        if (status != MessagePackStatus.Ok)
            _position = start;
        return status;
    }

    private static MessagePackStatus ToTimestamp(ReadOnlySpan<byte> bytes, out DateTimeOffset value, out int rest)
    {
        value = default;
        rest = 0;
        uint nanoseconds = 0;
        long seconds;
        switch (bytes.Length)
        {
            case 4:
                seconds = BinaryPrimitives.ReadUInt32BigEndian(bytes);
                break;
            case 8:
                var packed = BinaryPrimitives.ReadUInt64BigEndian(bytes);
                nanoseconds = (uint)(packed >> 34);
                seconds = (long)(packed & 0x3_ffff_ffff);
                break;
            case 12:
                nanoseconds = BinaryPrimitives.ReadUInt32BigEndian(bytes);
                seconds = BinaryPrimitives.ReadInt64BigEndian(bytes[4..]);
                break;
            default:
                return MessagePackStatus.OutOfRange;
        }

        var lowest = DateTimeOffset.MinValue.ToUnixTimeSeconds();
        var highest = DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        if (seconds < lowest || seconds > highest || nanoseconds > 999_999_999)
            return MessagePackStatus.OutOfRange;
        value = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100);
        rest = (int)(nanoseconds % 100);
        return MessagePackStatus.Ok;
    }

    private MessagePackStatus TakeSized(ReadOnlySpan<byte> rest, int sizeBytes, int typeBytes, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (rest.Length <= sizeBytes)
            return MessagePackStatus.EndOfData;
        var size = sizeBytes switch
        {
            1 => rest[1],
            2 => BinaryPrimitives.ReadUInt16BigEndian(rest[1..]),
            _ => BinaryPrimitives.ReadUInt32BigEndian(rest[1..]),
        };
        return Take(rest, 1 + sizeBytes + typeBytes, size, out value);
    }

    private MessagePackStatus Take(ReadOnlySpan<byte> rest, int header, uint size, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (size > (long)rest.Length - header)
            return MessagePackStatus.EndOfData;
        value = rest.Slice(header, (int)size);
        _position += header + (int)size;
        return MessagePackStatus.Ok;
    }
}
