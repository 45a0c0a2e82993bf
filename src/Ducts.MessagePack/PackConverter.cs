using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack;

/// <summary>Converts values of one type to MessagePack and back. <see cref="PackSerializerOptions"/> creates converters; they are thread-safe.</summary>
public abstract class PackConverter
{
    private protected PackConverter()
    {
    }

    /// <summary>Gets the type of the values.</summary>
    public abstract Type Type { get; }

    /// <summary>Packs a value.</summary>
    /// <param name="writer">The writer that receives the packed value.</param>
    /// <param name="value">The value; null is packed as nil.</param>
    /// <exception cref="MessagePackWriteException">The value cannot be packed.</exception>
    public abstract void WriteObject(ref PackWriter writer, object? value);

    /// <summary>Reads a value.</summary>
    /// <param name="reader">The reader, positioned before the value; afterwards behind it, or at an undefined position if the result is false.</param>
    /// <param name="value">The value.</param>
    /// <param name="error">The reason if the result is false.</param>
    /// <returns>True if a value of the type was read.</returns>
    public abstract bool TryReadObject(ref PackReader reader, out object? value, [NotNullWhen(false)] out MessagePackReadError? error);
}

/// <summary>Converts values of one type to MessagePack and back.</summary>
/// <typeparam name="T">The type.</typeparam>
public abstract class PackConverter<T> : PackConverter
{
    /// <inheritdoc />
    public sealed override Type Type => typeof(T);

    /// <summary>Packs a value.</summary>
    /// <param name="writer">The writer that receives the packed value.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="MessagePackWriteException">The value cannot be packed.</exception>
    public abstract void Write(ref PackWriter writer, T value);

    /// <summary>Reads a value.</summary>
    /// <param name="reader">The reader, positioned before the value; afterwards behind it, or at an undefined position if the result is false.</param>
    /// <param name="value">The value; null if the data has nil and the type allows it.</param>
    /// <param name="error">The reason if the result is false.</param>
    /// <returns>True if a value of the type was read.</returns>
    public abstract bool TryRead(ref PackReader reader, [MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out MessagePackReadError? error);

    /// <inheritdoc />
    public sealed override void WriteObject(ref PackWriter writer, object? value)
    {
        if (value is null)
            writer.WriteNil();
        else
            Write(ref writer, (T)value);
    }

    /// <inheritdoc />
    public sealed override bool TryReadObject(ref PackReader reader, out object? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        var done = TryRead(ref reader, out var typed, out error);
        value = done ? typed : null;
        return done;
    }

    /// <summary>Creates the error for the value at the reader's position and returns false.</summary>
    private protected static bool Fail(in PackReader reader, string expected, [MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        error = MessagePackReadError.At(reader, expected);
        return false;
    }
}
