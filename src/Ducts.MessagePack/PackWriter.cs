using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Ducts.MessagePack;

/// <summary>
/// Writes values in their smallest forms. Written bytes reach the output at <see cref="Flush"/>, or earlier when the
/// output's memory is full. Without a final call to it, the remaining bytes are lost.
/// </summary>
public ref struct PackWriter
{
    // Strings up to this many characters are encoded in one go into memory for the worst case, three bytes each.
    private const int ShortString = 1024;

    private readonly IBufferWriter<byte> _output;
    private Span<byte> _span;
    private int _used;

    /// <summary>Creates a writer for an output.</summary>
    /// <param name="output">The buffer that receives the bytes.</param>
    public PackWriter(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
        _span = default;
        _used = 0;
        Depth = 0;
    }

    /// <summary>How many converters of arrays and maps are at work; bounds their recursion.</summary>
    internal int Depth { get; private set; }

    /// <summary>Writes null.</summary>
    public void WriteNil() => WriteByte(MessagePackCode.Nil);

    /// <summary>Writes a boolean.</summary>
    /// <param name="value">The value.</param>
    public void WriteBoolean(bool value) => WriteByte(value ? MessagePackCode.True : MessagePackCode.False);

    /// <summary>Writes an integer in 1 to 9 bytes.</summary>
    /// <param name="value">The value.</param>
    public void WriteInt64(long value)
    {
        if (value >= 0)
        {
            WriteUInt64((ulong)value);
            return;
        }

        var span = Reserve(9);
        if (value >= -32)
        {
            span[0] = (byte)value;
            _used++;
        }
        else if (value >= sbyte.MinValue)
        {
            span[0] = MessagePackCode.Int8;
            span[1] = (byte)value;
            _used += 2;
        }
        else if (value >= short.MinValue)
        {
            span[0] = MessagePackCode.Int16;
            BinaryPrimitives.WriteInt16BigEndian(span[1..], (short)value);
            _used += 3;
        }
        else if (value >= int.MinValue)
        {
            span[0] = MessagePackCode.Int32;
            BinaryPrimitives.WriteInt32BigEndian(span[1..], (int)value);
            _used += 5;
        }
        else
        {
            span[0] = MessagePackCode.Int64;
            BinaryPrimitives.WriteInt64BigEndian(span[1..], value);
            _used += 9;
        }
    }

    /// <summary>Writes an integer in 1 to 9 bytes.</summary>
    /// <param name="value">The value.</param>
    public void WriteUInt64(ulong value)
    {
        if (value <= MessagePackCode.MaxPositiveFixInt)
        {
            WriteByte((byte)value);
            return;
        }

        var span = Reserve(9);
        if (value <= byte.MaxValue)
        {
            span[0] = MessagePackCode.UInt8;
            span[1] = (byte)value;
            _used += 2;
        }
        else if (value <= ushort.MaxValue)
        {
            span[0] = MessagePackCode.UInt16;
            BinaryPrimitives.WriteUInt16BigEndian(span[1..], (ushort)value);
            _used += 3;
        }
        else if (value <= uint.MaxValue)
        {
            span[0] = MessagePackCode.UInt32;
            BinaryPrimitives.WriteUInt32BigEndian(span[1..], (uint)value);
            _used += 5;
        }
        else
        {
            span[0] = MessagePackCode.UInt64;
            BinaryPrimitives.WriteUInt64BigEndian(span[1..], value);
            _used += 9;
        }
    }

    /// <summary>Writes a float64, whole numbers too: some clients tell floats from integers.</summary>
    /// <param name="value">The value.</param>
    public void WriteDouble(double value)
    {
        var span = Reserve(9);
        span[0] = MessagePackCode.Float64;
        BinaryPrimitives.WriteDoubleBigEndian(span[1..], value);
        _used += 9;
    }

    /// <summary>Writes text. Unpaired surrogates become U+FFFD.</summary>
    /// <param name="value">The text.</param>
    public void WriteString(scoped ReadOnlySpan<char> value)
    {
        if (value.Length > ShortString)
        {
            WriteLongString(value);
            return;
        }

        // The header is as long as the bytes need; characters are encoded behind the likeliest and moved where it was not.
        var span = Reserve(3 + (value.Length * 3));
        var guess = StringHeaderLength(value.Length);
        var status = Utf8.FromUtf16(value, span[guess..], out _, out var length);
        Debug.Assert(status == OperationStatus.Done, "three bytes a character suffice");
        var header = StringHeaderLength(length);
        if (header != guess)
            span.Slice(guess, length).CopyTo(span[header..]);
        WriteStringHeader(span, length);
        _used += header + length;
    }

    /// <summary>Writes text that is already encoded in UTF-8.</summary>
    /// <param name="value">The bytes; clients decode them strictly, so they must be valid.</param>
    public void WriteStringUtf8(scoped ReadOnlySpan<byte> value)
    {
        // In two steps: what is added to is read first, and reserving may begin anew.
        var header = WriteStringHeader(Reserve(5), value.Length);
        _used += header;
        WriteRaw(value);
    }

    /// <summary>Writes bytes.</summary>
    /// <param name="value">The bytes.</param>
    public void WriteBinary(scoped ReadOnlySpan<byte> value)
    {
        WriteBinaryHeader(value.Length);
        WriteRaw(value);
    }

    /// <summary>Writes the header of a byte string; exactly so many bytes must follow with <see cref="WriteRaw"/>.</summary>
    /// <param name="length">The number of bytes.</param>
    public void WriteBinaryHeader(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length <= byte.MaxValue)
        {
            var span = Reserve(2);
            span[0] = MessagePackCode.Bin8;
            span[1] = (byte)length;
            _used += 2;
        }
        else
        {
            WriteSized(MessagePackCode.Bin16, MessagePackCode.Bin32, length);
        }
    }

    /// <summary>Writes the header of an array; exactly so many values must follow.</summary>
    /// <param name="count">The number of values.</param>
    public void WriteArrayHeader(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count <= 15)
            WriteByte((byte)(MessagePackCode.FixArray | count));
        else
            WriteSized(MessagePackCode.Array16, MessagePackCode.Array32, count);
    }

    /// <summary>Writes the header of a map; exactly so many pairs of values must follow.</summary>
    /// <param name="count">The number of pairs.</param>
    public void WriteMapHeader(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count <= 15)
            WriteByte((byte)(MessagePackCode.FixMap | count));
        else
            WriteSized(MessagePackCode.Map16, MessagePackCode.Map32, count);
    }

    /// <summary>Writes bytes unchanged, such as values that are already packed.</summary>
    /// <param name="value">The bytes.</param>
    public void WriteRaw(scoped ReadOnlySpan<byte> value)
    {
        while (value.Length > _span.Length - _used)
        {
            var part = _span.Length - _used;
            value[..part].CopyTo(_span[_used..]);
            _used += part;
            value = value[part..];
            // All that is left at once: an output that grows then grows only once, however much it is.
            Renew(value.Length);
        }

        value.CopyTo(_span[_used..]);
        _used += value.Length;
    }

    /// <summary>Passes everything written so far to the output.</summary>
    public void Flush()
    {
        if (_used > 0)
            _output.Advance(_used);
        _span = default;
        _used = 0;
    }

    /// <summary>Notes that an array's or map's values come now.</summary>
    internal void Enter(int maxDepth)
    {
        if (++Depth > maxDepth)
            throw new MessagePackWriteException($"The value is nested deeper than {maxDepth} levels; it may contain itself.");
    }

    internal void Leave() => Depth--;

    private static int StringHeaderLength(int length) => length switch { <= 31 => 1, <= byte.MaxValue => 2, <= ushort.MaxValue => 3, _ => 5 };

    private static int WriteStringHeader(Span<byte> span, int length)
    {
        switch (length)
        {
            case <= 31:
                span[0] = (byte)(MessagePackCode.FixString | length);
                return 1;
            case <= byte.MaxValue:
                span[0] = MessagePackCode.String8;
                span[1] = (byte)length;
                return 2;
            case <= ushort.MaxValue:
                span[0] = MessagePackCode.String16;
                BinaryPrimitives.WriteUInt16BigEndian(span[1..], (ushort)length);
                return 3;
            default:
                span[0] = MessagePackCode.String32;
                BinaryPrimitives.WriteInt32BigEndian(span[1..], length);
                return 5;
        }
    }

    private void WriteLongString(scoped ReadOnlySpan<char> value)
    {
        var header = WriteStringHeader(Reserve(5), Encoding.UTF8.GetByteCount(value));
        _used += header;
        while (!value.IsEmpty)
        {
            var status = Utf8.FromUtf16(value, Reserve(4), out var read, out var written);
            Debug.Assert(status is OperationStatus.Done or OperationStatus.DestinationTooSmall, "all of the text is there");
            value = value[read..];
            _used += written;
        }
    }

    private void WriteSized(byte code16, byte code32, int size)
    {
        var span = Reserve(5);
        if (size <= ushort.MaxValue)
        {
            span[0] = code16;
            BinaryPrimitives.WriteUInt16BigEndian(span[1..], (ushort)size);
            _used += 3;
        }
        else
        {
            span[0] = code32;
            BinaryPrimitives.WriteInt32BigEndian(span[1..], size);
            _used += 5;
        }
    }

    private void WriteByte(byte value)
    {
        if (_used >= _span.Length)
            Renew(1);
        _span[_used++] = value;
    }

    /// <summary>Memory for at least so many bytes; what of it is used is added to <c>_used</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int length)
    {
        if (_span.Length - _used < length)
            Renew(length);
        return _span[_used..];
    }

    private void Renew(int length)
    {
        Flush();
        _span = _output.GetSpan(length);
    }
}
