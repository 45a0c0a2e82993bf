using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack;

/// <summary>Turns values of one type into MessagePack and back. Made by <see cref="PackSerializerOptions"/>; safe for all threads.</summary>
public abstract class PackConverter
{
    private protected PackConverter()
    {
    }

    /// <summary>The type.</summary>
    public abstract Type Type { get; }

    /// <summary>Packs a value.</summary>
    /// <param name="writer">Where it goes.</param>
    /// <param name="value">The value; null is packed as nil.</param>
    /// <exception cref="MessagePackWriteException">The value cannot be packed.</exception>
    public abstract void WriteObject(ref PackWriter writer, object? value);

    /// <summary>Reads a value.</summary>
    /// <param name="reader">Stands before the value; afterwards behind it, or anywhere when the result is false.</param>
    /// <param name="value">The value.</param>
    /// <param name="error">What is wrong.</param>
    /// <returns>Whether there was such a value.</returns>
    public abstract bool TryReadObject(ref PackReader reader, out object? value, [NotNullWhen(false)] out MessagePackReadError? error);
}

/// <summary>Turns values of one type into MessagePack and back.</summary>
/// <typeparam name="T">The type.</typeparam>
public abstract class PackConverter<T> : PackConverter
{
    /// <inheritdoc />
    public sealed override Type Type => typeof(T);

    /// <summary>Packs a value.</summary>
    /// <param name="writer">Where it goes.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="MessagePackWriteException">The value cannot be packed.</exception>
    public abstract void Write(ref PackWriter writer, T value);

    /// <summary>Reads a value.</summary>
    /// <param name="reader">Stands before the value; afterwards behind it, or anywhere when the result is false.</param>
    /// <param name="value">The value; null where the data has nil and the type allows it.</param>
    /// <param name="error">What is wrong.</param>
    /// <returns>Whether there was such a value.</returns>
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

    /// <summary>Fails with what the reader stands before.</summary>
    private protected static bool Fail(in PackReader reader, string expected, [MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        error = MessagePackReadError.At(reader, expected);
        return false;
    }
}
