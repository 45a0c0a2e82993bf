using System.Buffers;
using System.Buffers.Binary;

namespace Ducts.MessagePack;

/// <summary>Validates that bytes contain one complete value within limits, before the value is used.</summary>
public static class MessagePackValidator
{
    // Depths up to this need no rented memory; it is also the default limit.
    private const int StackDepth = 64;

    /// <summary>Validates the value at the beginning of the data, without recursion and without allocations that depend on the data.</summary>
    /// <param name="data">The bytes; those that follow the first value are ignored.</param>
    /// <param name="limits">The limits of the value.</param>
    /// <param name="consumed">The value's length in bytes; 0 unless the result is <see cref="MessagePackStatus.Ok"/>.</param>
    /// <returns>
    /// <see cref="MessagePackStatus.Ok"/>, <see cref="MessagePackStatus.EndOfData"/>, <see cref="MessagePackStatus.InvalidFormat"/>,
    /// <see cref="MessagePackStatus.TooDeep"/>, <see cref="MessagePackStatus.TooManyItems"/> or <see cref="MessagePackStatus.TooLarge"/>.
    /// </returns>
    public static MessagePackStatus Validate(ReadOnlySpan<byte> data, in MessagePackLimits limits, out int consumed)
    {
        var window = data.Length > limits.MaxBytes ? data[..Math.Max(limits.MaxBytes, 0)] : data;
        var status = Walk(window, limits.MaxDepth, limits.MaxItems, out consumed);
        return status == MessagePackStatus.EndOfData && window.Length < data.Length ? MessagePackStatus.TooLarge : status;
    }

    internal static MessagePackStatus Walk(ReadOnlySpan<byte> data, int maxDepth, long maxItems, out int consumed)
    {
        Span<long> outer = stackalloc long[StackDepth];
        long[]? rented = null;
        var status = Walk(data, maxDepth, maxItems, outer, ref rented, out consumed);
        if (rented is not null)
            ArrayPool<long>.Shared.Return(rented);
        return status;
    }

    private static MessagePackStatus Walk(
        ReadOnlySpan<byte> data, int maxDepth, long maxItems, Span<long> outer, ref long[]? rented, out int consumed)
    {
        consumed = 0;
        var position = 0;
        var depth = 0;
        long left = 1; // values still to come on this level
        while (true)
        {
            while (left == 0)
            {
                if (depth == 0)
                {
                    consumed = position;
                    return MessagePackStatus.Ok;
                }

                left = outer[--depth];
            }

            left--;
            var rest = data[position..];
            if (rest.IsEmpty)
                return MessagePackStatus.EndOfData;
            var code = rest[0];
            if (code <= MessagePackCode.MaxPositiveFixInt || code >= MessagePackCode.MinNegativeFixInt)
            {
                position++;
                continue;
            }

            var status = Measure(rest, out var length, out var items, out var perItem);
            if (status != MessagePackStatus.Ok)
                return status;
            position += length;
            if (perItem == 0)
                continue;

            if (depth >= maxDepth)
                return MessagePackStatus.TooDeep;
            var values = items * perItem;
            if (values > data.Length - position)
                return MessagePackStatus.EndOfData;
            maxItems -= items;
            if (maxItems < 0)
                return MessagePackStatus.TooManyItems;
            if (depth == outer.Length)
                outer = rented = Grow(outer, rented);
            outer[depth++] = left;
            left = values;
        }
    }

    private static long[] Grow(ReadOnlySpan<long> outer, long[]? rented)
    {
        var larger = ArrayPool<long>.Shared.Rent(outer.Length * 2);
        outer.CopyTo(larger);
        if (rented is not null)
            ArrayPool<long>.Shared.Return(rented);
        return larger;
    }

    /// <summary>The length of a scalar, or of the header of an array (1 value per item) or map (2 values per item).</summary>
    internal static MessagePackStatus Measure(ReadOnlySpan<byte> data, out int length, out long items, out int perItem)
    {
        items = 0;
        perItem = 0;
        var code = data[0];
        long total;
        switch (code)
        {
            case < MessagePackCode.FixArray:
                items = code & 0x0f;
                perItem = 2;
                total = 1;
                break;
            case < MessagePackCode.FixString:
                items = code & 0x0f;
                perItem = 1;
                total = 1;
                break;
            case < MessagePackCode.Nil:
                total = 1 + (code & 0x1f);
                break;
            case MessagePackCode.NeverUsed:
                length = 0;
                return MessagePackStatus.InvalidFormat;
            case MessagePackCode.Nil or MessagePackCode.False or MessagePackCode.True:
                total = 1;
                break;
            case MessagePackCode.UInt8 or MessagePackCode.Int8:
                total = 2;
                break;
            case MessagePackCode.UInt16 or MessagePackCode.Int16:
                total = 3;
                break;
            case MessagePackCode.UInt32 or MessagePackCode.Int32 or MessagePackCode.Float32:
                total = 5;
                break;
            case MessagePackCode.UInt64 or MessagePackCode.Int64 or MessagePackCode.Float64:
                total = 9;
                break;
            case >= MessagePackCode.MinNegativeFixInt:
                total = 1;
                break;
            case >= MessagePackCode.FixExt1 and <= MessagePackCode.FixExt16:
                total = 2 + (1L << (code - MessagePackCode.FixExt1));
                break;
            default:
                return MeasureSized(data, out length, out items, out perItem);
        }

        length = (int)total;
        return total <= data.Length ? MessagePackStatus.Ok : MessagePackStatus.EndOfData;
    }

    private static MessagePackStatus MeasureSized(ReadOnlySpan<byte> data, out int length, out long items, out int perItem)
    {
        items = 0;
        perItem = 0;
        length = 0;
        var code = data[0];
        var header = 1 + code switch
        {
            MessagePackCode.Bin8 or MessagePackCode.Ext8 or MessagePackCode.String8 => 1,
            MessagePackCode.Bin16 or MessagePackCode.Ext16 or MessagePackCode.String16 or MessagePackCode.Array16 or MessagePackCode.Map16 => 2,
            _ => 4,
        };
        if (data.Length < header)
            return MessagePackStatus.EndOfData;
        long size = header switch
        {
            2 => data[1],
            3 => BinaryPrimitives.ReadUInt16BigEndian(data[1..]),
            _ => BinaryPrimitives.ReadUInt32BigEndian(data[1..]),
        };
        if (code >= MessagePackCode.Array16)
        {
            items = size;
            perItem = code >= MessagePackCode.Map16 ? 2 : 1;
            length = header;
            return MessagePackStatus.Ok;
        }

        var type = code is >= MessagePackCode.Ext8 and <= MessagePackCode.Ext32 ? 1 : 0;
        var total = header + type + size;
        if (total > data.Length)
            return MessagePackStatus.EndOfData;
        length = (int)total;
        return MessagePackStatus.Ok;
    }
}
