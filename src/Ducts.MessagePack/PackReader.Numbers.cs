using System.Buffers.Binary;

namespace Ducts.MessagePack;

public ref partial struct PackReader
{
    /// <summary>Reads an integer.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Ok, EndOfData, InvalidFormat, TypeMismatch, or OutOfRange when it does not fit.</returns>
    public MessagePackStatus TryReadInt32(out int value)
    {
        var start = _position;
        var status = TryReadInt64(out var wide);
        value = (int)wide;
        if (status == MessagePackStatus.Ok && value != wide)
        {
            value = 0;
            _position = start;
            return MessagePackStatus.OutOfRange;
        }

        return status;
    }

    /// <summary>Reads an integer.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Ok, EndOfData, InvalidFormat, TypeMismatch, or OutOfRange when it does not fit.</returns>
    public MessagePackStatus TryReadInt64(out long value)
    {
        var status = PeekInteger(out var bits, out var negative, out var length);
        value = (long)bits;
        if (status == MessagePackStatus.Ok && value < 0 && !negative)
        {
            value = 0;
            return MessagePackStatus.OutOfRange;
        }

        _position += length;
        return status;
    }

    /// <summary>Reads an integer that is not negative.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Ok, EndOfData, InvalidFormat, TypeMismatch, or OutOfRange when it is negative.</returns>
    public MessagePackStatus TryReadUInt64(out ulong value)
    {
        var status = PeekInteger(out value, out var negative, out var length);
        if (status == MessagePackStatus.Ok && negative)
        {
            value = 0;
            return MessagePackStatus.OutOfRange;
        }

        _position += length;
        return status;
    }

    /// <summary>Reads a number: a float of either size, an integer, or a JavaScript client's NaN or infinity.</summary>
    /// <param name="value">The value; of an integer beyond 2^53, the nearest there is.</param>
    /// <returns>Ok, EndOfData, InvalidFormat or TypeMismatch.</returns>
    public MessagePackStatus TryReadDouble(out double value)
    {
        value = 0;
        var rest = Remaining;
        if (rest.IsEmpty)
            return MessagePackStatus.EndOfData;
        switch (rest[0])
        {
            case MessagePackCode.Float64:
                if (!BinaryPrimitives.TryReadDoubleBigEndian(rest[1..], out value))
                    return MessagePackStatus.EndOfData;
                _position += 9;
                return MessagePackStatus.Ok;
            case MessagePackCode.Float32:
                if (!BinaryPrimitives.TryReadSingleBigEndian(rest[1..], out var single))
                    return MessagePackStatus.EndOfData;
                value = single;
                _position += 5;
                return MessagePackStatus.Ok;
            case MessagePackCode.FixExt1:
                return TryReadScriptFloat(rest, out value);
            default:
                var status = PeekInteger(out var bits, out var negative, out var length);
                value = negative ? (long)bits : bits;
                _position += length;
                return status;
        }
    }

    /// <summary>Reads a number as <see cref="TryReadDouble"/> does, rounded to single precision.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Ok, EndOfData, InvalidFormat, TypeMismatch, or OutOfRange when a finite number would become infinite.</returns>
    public MessagePackStatus TryReadSingle(out float value)
    {
        var start = _position;
        var status = TryReadDouble(out var wide);
        value = (float)wide;
        if (status == MessagePackStatus.Ok && float.IsInfinity(value) && double.IsFinite(wide))
        {
            value = 0;
            _position = start;
            return MessagePackStatus.OutOfRange;
        }

        return status;
    }

    private MessagePackStatus TryReadScriptFloat(ReadOnlySpan<byte> rest, out double value)
    {
        value = 0;
        var status = TryPeekScriptKind(rest, out var kind);
        if (status != MessagePackStatus.Ok)
            return status;
        if (kind != MessagePackKind.Float)
            return MessagePackStatus.TypeMismatch;
        value = rest[2] switch
        {
            MessagePackCode.ScriptNaN => double.NaN,
            MessagePackCode.ScriptPositiveInfinity => double.PositiveInfinity,
            _ => double.NegativeInfinity,
        };
        _position += 3;
        return MessagePackStatus.Ok;
    }

    /// <summary>The next integer, sign-extended, with its length; length 0 unless Ok.</summary>
    private readonly MessagePackStatus PeekInteger(out ulong bits, out bool negative, out int length)
    {
        bits = 0;
        negative = false;
        length = 0;
        var rest = Remaining;
        if (rest.IsEmpty)
            return MessagePackStatus.EndOfData;
        var code = rest[0];
        if (code <= MessagePackCode.MaxPositiveFixInt)
        {
            bits = code;
            length = 1;
            return MessagePackStatus.Ok;
        }

        if (code >= MessagePackCode.MinNegativeFixInt)
        {
            bits = (ulong)(sbyte)code;
            negative = true;
            length = 1;
            return MessagePackStatus.Ok;
        }

        if (code is < MessagePackCode.UInt8 or > MessagePackCode.Int64)
            return Unexpected(code);

        var signed = code >= MessagePackCode.Int8;
        var size = 1 << ((code - MessagePackCode.UInt8) & 3);
        if (rest.Length <= size)
            return MessagePackStatus.EndOfData;
        rest = rest.Slice(1, size);
        bits = (size, signed) switch
        {
            (1, false) => rest[0],
            (1, true) => (ulong)(sbyte)rest[0],
            (2, false) => BinaryPrimitives.ReadUInt16BigEndian(rest),
            (2, true) => (ulong)BinaryPrimitives.ReadInt16BigEndian(rest),
            (4, false) => BinaryPrimitives.ReadUInt32BigEndian(rest),
            (4, true) => (ulong)BinaryPrimitives.ReadInt32BigEndian(rest),
            _ => BinaryPrimitives.ReadUInt64BigEndian(rest),
        };
        negative = signed && (long)bits < 0;
        length = 1 + size;
        return MessagePackStatus.Ok;
    }
}
