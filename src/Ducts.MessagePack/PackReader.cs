using System.Buffers.Binary;

namespace Ducts.MessagePack;

/// <summary>
/// Reads values from contiguous bytes, one after the other. No method throws for invalid bytes, and every method leaves
/// the position unchanged unless it returns <see cref="MessagePackStatus.Ok"/>.
/// </summary>
public ref partial struct PackReader
{
    private readonly ReadOnlySpan<byte> _data;
    private int _position;

    /// <summary>Creates a reader that starts at the first byte.</summary>
    /// <param name="data">The bytes; strings and binaries that are read as spans point into them.</param>
    public PackReader(ReadOnlySpan<byte> data)
    {
        _data = data;
        _position = 0;
        Depth = 0;
    }

    /// <summary>Gets the number of bytes that have been read.</summary>
    public readonly int Position => _position;

    /// <summary>Gets whether all bytes have been read.</summary>
    public readonly bool IsEnd => _position >= _data.Length;

    /// <summary>Gets the bytes that have not been read yet.</summary>
    public readonly ReadOnlySpan<byte> Remaining => _data[_position..];

    /// <summary>How many converters of arrays and maps are at work; bounds their recursion.</summary>
    internal int Depth { get; set; }

    /// <summary>Gets the kind of the next value without reading it.</summary>
    /// <param name="kind">The kind of the next value.</param>
    /// <returns>Ok, EndOfData or InvalidFormat.</returns>
    public readonly MessagePackStatus TryPeekKind(out MessagePackKind kind)
    {
        kind = MessagePackKind.Nil;
        var rest = Remaining;
        if (rest.IsEmpty)
            return MessagePackStatus.EndOfData;
        var code = rest[0];
        if (code == MessagePackCode.FixExt1)
            return TryPeekScriptKind(rest, out kind);
        kind = code switch
        {
            <= MessagePackCode.MaxPositiveFixInt or >= MessagePackCode.MinNegativeFixInt => MessagePackKind.Integer,
            < MessagePackCode.FixArray => MessagePackKind.Map,
            < MessagePackCode.FixString => MessagePackKind.Array,
            < MessagePackCode.Nil => MessagePackKind.String,
            MessagePackCode.Nil or MessagePackCode.NeverUsed => MessagePackKind.Nil,
            MessagePackCode.False or MessagePackCode.True => MessagePackKind.Boolean,
            <= MessagePackCode.Bin32 => MessagePackKind.Binary,
            <= MessagePackCode.Ext32 => MessagePackKind.Extension,
            <= MessagePackCode.Float64 => MessagePackKind.Float,
            <= MessagePackCode.Int64 => MessagePackKind.Integer,
            <= MessagePackCode.FixExt16 => MessagePackKind.Extension,
            <= MessagePackCode.String32 => MessagePackKind.String,
            <= MessagePackCode.Array32 => MessagePackKind.Array,
            _ => MessagePackKind.Map,
        };
        return code == MessagePackCode.NeverUsed ? MessagePackStatus.InvalidFormat : MessagePackStatus.Ok;
    }

    /// <summary>Reads a nil, or a JavaScript client's <c>undefined</c>.</summary>
    /// <returns>Ok, EndOfData, InvalidFormat or TypeMismatch.</returns>
    public MessagePackStatus TryReadNil()
    {
        var rest = Remaining;
        if (rest.IsEmpty)
            return MessagePackStatus.EndOfData;
        if (rest[0] == MessagePackCode.Nil)
        {
            _position++;
            return MessagePackStatus.Ok;
        }

        if (rest[0] != MessagePackCode.FixExt1)
            return Unexpected(rest[0]);
        var status = TryPeekScriptKind(rest, out var kind);
        if (status != MessagePackStatus.Ok)
            return status;
        if (kind != MessagePackKind.Nil)
            return MessagePackStatus.TypeMismatch;
        _position += 3;
        return MessagePackStatus.Ok;
    }

    /// <summary>Reads a boolean.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Ok, EndOfData, InvalidFormat or TypeMismatch.</returns>
    public MessagePackStatus TryReadBoolean(out bool value)
    {
        value = false;
        var rest = Remaining;
        if (rest.IsEmpty)
            return MessagePackStatus.EndOfData;
        if (rest[0] is not (MessagePackCode.True or MessagePackCode.False))
            return Unexpected(rest[0]);
        value = rest[0] == MessagePackCode.True;
        _position++;
        return MessagePackStatus.Ok;
    }

    /// <summary>Reads an array's header; its elements follow.</summary>
    /// <param name="count">The number of elements; never more than there are bytes left, so it may size memory.</param>
    /// <returns>Ok, EndOfData (also when fewer bytes are left than elements announced), InvalidFormat or TypeMismatch.</returns>
    public MessagePackStatus TryReadArrayHeader(out int count)
        => TryReadHeader(MessagePackCode.FixArray, MessagePackCode.Array16, MessagePackCode.Array32, valuesPerItem: 1, out count);

    /// <summary>Reads a map's header; its pairs follow.</summary>
    /// <param name="count">The number of pairs; never more than half of the bytes left, so it may size memory.</param>
    /// <returns>Ok, EndOfData (also when fewer bytes are left than pairs need), InvalidFormat or TypeMismatch.</returns>
    public MessagePackStatus TryReadMapHeader(out int count)
        => TryReadHeader(MessagePackCode.FixMap, MessagePackCode.Map16, MessagePackCode.Map32, valuesPerItem: 2, out count);

    /// <summary>Skips the next value of any kind.</summary>
    /// <param name="maxDepth">The highest number of nested arrays and maps in the value.</param>
    /// <returns>Ok, EndOfData, InvalidFormat or TooDeep.</returns>
    public MessagePackStatus TrySkip(int maxDepth)
    {
        var status = MessagePackValidator.Walk(Remaining, maxDepth, long.MaxValue, out var consumed);
        _position += consumed;
        return status;
    }

    /// <summary>Reads the packed bytes of the next value.</summary>
    /// <param name="value">The bytes of one whole, valid value.</param>
    /// <param name="maxDepth">The highest number of nested arrays and maps in the value.</param>
    /// <returns>Ok, EndOfData, InvalidFormat or TooDeep.</returns>
    public MessagePackStatus TryReadRaw(out ReadOnlySpan<byte> value, int maxDepth)
    {
        var start = _position;
        var status = TrySkip(maxDepth);
        value = _data[start.._position];
        return status;
    }

    /// <summary>Skips bytes that are known to exist.</summary>
    internal void Advance(int length) => _position += length;

    private static MessagePackStatus Unexpected(byte code)
        => code == MessagePackCode.NeverUsed ? MessagePackStatus.InvalidFormat : MessagePackStatus.TypeMismatch;

    private static MessagePackStatus TryPeekScriptKind(ReadOnlySpan<byte> rest, out MessagePackKind kind)
    {
        kind = MessagePackKind.Extension;
        if (rest.Length < 3)
            return MessagePackStatus.EndOfData;
        if (rest[1] == MessagePackCode.ScriptType)
        {
            kind = rest[2] switch
            {
                MessagePackCode.ScriptUndefined => MessagePackKind.Nil,
                <= MessagePackCode.ScriptNegativeInfinity => MessagePackKind.Float,
                _ => MessagePackKind.Extension,
            };
        }

        return MessagePackStatus.Ok;
    }

    private MessagePackStatus TryReadHeader(byte fix, byte code16, byte code32, int valuesPerItem, out int count)
    {
        count = 0;
        var rest = Remaining;
        if (rest.IsEmpty)
            return MessagePackStatus.EndOfData;
        var code = rest[0];
        uint announced;
        int header;
        if ((code & 0xf0) == fix)
        {
            announced = code & 0x0fu;
            header = 1;
        }
        else if (code == code16)
        {
            if (!BinaryPrimitives.TryReadUInt16BigEndian(rest[1..], out var size))
                return MessagePackStatus.EndOfData;
            announced = size;
            header = 3;
        }
        else if (code == code32)
        {
            if (!BinaryPrimitives.TryReadUInt32BigEndian(rest[1..], out announced))
                return MessagePackStatus.EndOfData;
            header = 5;
        }
        else
        {
            return Unexpected(code);
        }

        // Each value takes a byte at least: what is announced beyond that is not there.
        if ((long)announced * valuesPerItem > rest.Length - header)
            return MessagePackStatus.EndOfData;
        count = (int)announced;
        _position += header;
        return MessagePackStatus.Ok;
    }
}
