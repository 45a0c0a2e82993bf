using System.Runtime.CompilerServices;

namespace Ducts.MessagePack;

public readonly partial struct MessagePackElement
{
    /// <summary>Returns the element as text.</summary>
    /// <returns>The text; null for nil.</returns>
    /// <exception cref="InvalidOperationException">The element is neither a string nor nil.</exception>
    public string? GetString()
    {
        var reader = Reader;
        if (reader.TryReadString(out var value) == MessagePackStatus.Ok)
            return value;
        return IsNil ? null : throw Mismatch("a string");
    }

    /// <summary>Gets the element as text, if it is a string.</summary>
    /// <param name="value">The text; empty otherwise.</param>
    /// <returns>True if the element is a string.</returns>
    public bool TryGetString(out string value) => Reader.TryReadString(out value) == MessagePackStatus.Ok;

    /// <summary>Returns the element as a boolean.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="InvalidOperationException">The element is not a boolean.</exception>
    public bool GetBoolean() => Reader.TryReadBoolean(out var value) == MessagePackStatus.Ok ? value : throw Mismatch("a boolean");

    /// <summary>Gets the element as a boolean, if it is one.</summary>
    /// <param name="value">The value; false otherwise.</param>
    /// <returns>True if the element is a boolean.</returns>
    public bool TryGetBoolean(out bool value) => Reader.TryReadBoolean(out value) == MessagePackStatus.Ok;

    /// <summary>Returns the element as an integer.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="InvalidOperationException">The element is not an integer.</exception>
    /// <exception cref="FormatException">The integer is outside the range of the type.</exception>
    public int GetInt32() => Checked(Reader.TryReadInt32(out var value), "an integer") ? value : 0;

    /// <summary>Gets the element as an integer, if it is one in the range of the type.</summary>
    /// <param name="value">The value; 0 otherwise.</param>
    /// <returns>True if the element is an integer in the range of the type.</returns>
    public bool TryGetInt32(out int value) => Reader.TryReadInt32(out value) == MessagePackStatus.Ok;

    /// <inheritdoc cref="GetInt32" />
    public long GetInt64() => Checked(Reader.TryReadInt64(out var value), "an integer") ? value : 0;

    /// <inheritdoc cref="TryGetInt32" />
    public bool TryGetInt64(out long value) => Reader.TryReadInt64(out value) == MessagePackStatus.Ok;

    /// <inheritdoc cref="GetInt32" />
    public ulong GetUInt64() => Checked(Reader.TryReadUInt64(out var value), "an integer") ? value : 0;

    /// <inheritdoc cref="TryGetInt32" />
    public bool TryGetUInt64(out ulong value) => Reader.TryReadUInt64(out value) == MessagePackStatus.Ok;

    /// <summary>Returns the element as a number; it may be a float or an integer.</summary>
    /// <returns>The value; for an integer beyond 2^53, the nearest number that a double can represent.</returns>
    /// <exception cref="InvalidOperationException">The element is not a number.</exception>
    public double GetDouble() => Reader.TryReadDouble(out var value) == MessagePackStatus.Ok ? value : throw Mismatch("a number");

    /// <summary>Gets the element as a number, if it is a float or an integer.</summary>
    /// <param name="value">The value; 0 otherwise.</param>
    /// <returns>True if the element is a number.</returns>
    public bool TryGetDouble(out double value) => Reader.TryReadDouble(out value) == MessagePackStatus.Ok;

    /// <summary>Returns the element as bytes, without copying them.</summary>
    /// <returns>The bytes.</returns>
    /// <exception cref="InvalidOperationException">The element is not a byte string.</exception>
    public ReadOnlyMemory<byte> GetBytes() => TryGetBytes(out var value) ? value : throw Mismatch("bytes");

    /// <summary>Gets the element as bytes, without copying them, if it is a byte string.</summary>
    /// <param name="value">The bytes; empty otherwise.</param>
    /// <returns>True if the element is a byte string.</returns>
    public bool TryGetBytes(out ReadOnlyMemory<byte> value)
    {
        var reader = Reader;
        var done = reader.TryReadBinary(out var bytes) == MessagePackStatus.Ok;
        value = done ? _bytes[^bytes.Length..] : default;
        return done;
    }

    private bool Checked(MessagePackStatus status, string expected) => status switch
    {
        MessagePackStatus.Ok => true,
        MessagePackStatus.OutOfRange => throw new FormatException($"The integer {this} is outside the range of the type asked for."),
        _ => throw Mismatch(expected),
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private InvalidOperationException Mismatch(string expected) => new(MessagePackReadError.At(Reader, expected).ToString());
}
