using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Ducts.Redis;

/// <summary>
/// An argument of a command: text (sent as UTF-8), a number (as invariant text), bytes, or a bool (as 0 or 1). Made by
/// implicit conversion, so that <c>ExecuteAsync("SET", "key", 5)</c> needs no boxing; null is an
/// <see cref="ArgumentNullException"/>.
/// </summary>
public readonly struct RedisArgument
{
    private readonly object? _object;

    // The number, or offset and length of bytes.
    private readonly long _bits;
    private readonly ArgumentKind _kind;

    private RedisArgument(ArgumentKind kind, object? content, long bits)
    {
        _kind = kind;
        _object = content;
        _bits = bits;
    }

    private enum ArgumentKind : byte
    {
        None,
        Text,
        Bytes,
        Signed,
        Unsigned,
        Double,
    }

    /// <summary>Text, sent as UTF-8.</summary>
    /// <param name="value">The text.</param>
    /// <exception cref="ArgumentNullException">The text is null.</exception>
    public static implicit operator RedisArgument(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(ArgumentKind.Text, value, 0);
    }

    /// <summary>Bytes, sent as they are.</summary>
    /// <param name="value">The bytes; they must stay as they are until the command has completed.</param>
    /// <exception cref="ArgumentNullException">The array is null.</exception>
    public static implicit operator RedisArgument(byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(ArgumentKind.Bytes, value, (uint)value.Length);
    }

    /// <summary>Bytes, sent as they are.</summary>
    /// <param name="value">The bytes; they must stay as they are until the command has completed.</param>
    public static implicit operator RedisArgument(ReadOnlyMemory<byte> value) =>
        MemoryMarshal.TryGetArray(value, out var segment)
            ? new RedisArgument(ArgumentKind.Bytes, segment.Array ?? [], ((long)segment.Offset << 32) | (uint)segment.Count)
            : (RedisArgument)value.ToArray();

    /// <summary>A number, sent as text.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator RedisArgument(int value) => new(ArgumentKind.Signed, null, value);

    /// <summary>A number, sent as text.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator RedisArgument(long value) => new(ArgumentKind.Signed, null, value);

    /// <summary>A number, sent as text.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator RedisArgument(ulong value) => new(ArgumentKind.Unsigned, null, (long)value);

    /// <summary>A number, sent as its shortest text that reads back alike; infinities as <c>inf</c>, <c>-inf</c>.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator RedisArgument(double value) => new(ArgumentKind.Double, null, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A number, sent as text.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator RedisArgument(decimal value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A bool, sent as 1 or 0.</summary>
    /// <param name="value">The bool.</param>
    public static implicit operator RedisArgument(bool value) => new(ArgumentKind.Signed, null, value ? 1 : 0);

    /// <summary>A scalar reply as an argument of the next command.</summary>
    /// <param name="value">The reply.</param>
    /// <exception cref="ArgumentNullException">The reply is nil.</exception>
    /// <exception cref="InvalidCastException">The reply has items.</exception>
    /// <exception cref="RedisErrorException">The reply is an error.</exception>
    public static implicit operator RedisArgument(RedisReply value)
    {
        if (value.IsNull)
        {
            throw new ArgumentNullException(nameof(value));
        }

        return value.AsBytes();
    }

    /// <summary>An argument of a value whose type is known at run time only.</summary>
    /// <param name="value">
    /// A string, a char, any number, a bool, <c>byte[]</c>, memory of bytes, a <see cref="RedisReply"/>, or a
    /// <see cref="RedisArgument"/>.
    /// </param>
    /// <returns>The argument.</returns>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    /// <exception cref="ArgumentException">The value is of another type.</exception>
    public static RedisArgument From(object? value) => value switch
    {
        null => throw new ArgumentNullException(nameof(value)),
        string text => text,
        byte[] bytes => bytes,
        bool truth => truth,
        int number => number,
        long number => number,
        double number => number,
        ulong number => number,
        uint number => (long)number,
        short number => (long)number,
        ushort number => (long)number,
        byte number => (long)number,
        sbyte number => (long)number,
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        decimal number => number,
        System.Numerics.BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        char letter => letter.ToString(),
        ReadOnlyMemory<byte> bytes => bytes,
        Memory<byte> bytes => (ReadOnlyMemory<byte>)bytes,
        ArraySegment<byte> bytes => (ReadOnlyMemory<byte>)bytes,
        RedisReply reply => reply,
        RedisArgument argument => argument,
        _ => throw new ArgumentException($"A Redis argument is text, a number, bytes or a bool, not {value.GetType()}.", nameof(value)),
    };

    /// <summary>The argument for people.</summary>
    /// <returns>Its text.</returns>
    public override string ToString()
    {
        return _kind switch
        {
            ArgumentKind.Text => (string)_object!,
            ArgumentKind.Bytes => Encoding.UTF8.GetString(Bytes),
            ArgumentKind.Signed => _bits.ToString(CultureInfo.InvariantCulture),
            ArgumentKind.Unsigned => ((ulong)_bits).ToString(CultureInfo.InvariantCulture),
            ArgumentKind.Double => BitConverter.Int64BitsToDouble(_bits) switch
            {
                double.PositiveInfinity => "inf",
                double.NegativeInfinity => "-inf",
                var number => number.ToString("R", CultureInfo.InvariantCulture),
            },
            _ => string.Empty,
        };
    }

    private ReadOnlySpan<byte> Bytes => ((byte[])_object!).AsSpan((int)(_bits >> 32), (int)(uint)_bits);

    /// <summary>The argument as the library takes it; adds its size.</summary>
    internal object ToObject(ref int size)
    {
        switch (_kind)
        {
            case ArgumentKind.Text:
                size += ((string)_object!).Length;
                return _object;
            case ArgumentKind.Bytes:
                var bytes = (byte[])_object!;
                var (offset, count) = ((int)(_bits >> 32), (int)(uint)_bits);
                size += count;
                return count == bytes.Length ? bytes : new ReadOnlyMemory<byte>(bytes, offset, count);
            case ArgumentKind.Signed:
                return _bits;
            case ArgumentKind.None:
                throw new ArgumentNullException(nameof(size), "An argument of a Redis command is null.");
            default:
                return ToString();
        }
    }

    /// <summary>Whether the argument is a word of a command such as BLOCK, in any case.</summary>
    internal bool Is(string word) => _kind switch
    {
        ArgumentKind.Text => word.Equals((string)_object!, StringComparison.OrdinalIgnoreCase),
        ArgumentKind.Bytes => Ascii.EqualsIgnoreCase(Bytes, word),
        _ => false,
    };
}
