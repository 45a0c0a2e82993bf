using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack;

/// <summary>Packs and unpacks whole C# values.</summary>
public static class PackSerializer
{
    /// <summary>Packs a value.</summary>
    /// <typeparam name="T">Its declared type; <see cref="object"/> for that which it has.</typeparam>
    /// <param name="output">Where the bytes go; it may have got some when an exception is thrown.</param>
    /// <param name="value">The value.</param>
    /// <param name="options">How; null for the default.</param>
    /// <exception cref="MessagePackWriteException">The value cannot be packed.</exception>
    public static void Serialize<T>(IBufferWriter<byte> output, T value, PackSerializerOptions? options = null)
    {
        var writer = new PackWriter(output);
        (options ?? PackSerializerOptions.Default).GetConverter<T>().Write(ref writer, value);
        writer.Flush();
    }

    /// <summary>Packs a value.</summary>
    /// <typeparam name="T">Its declared type; <see cref="object"/> for that which it has.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="options">How; null for the default.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="MessagePackWriteException">The value cannot be packed.</exception>
    public static byte[] Serialize<T>(T value, PackSerializerOptions? options = null)
    {
        var output = new ArrayBufferWriter<byte>();
        Serialize(output, value, options);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Unpacks a value.</summary>
    /// <typeparam name="T">The type wanted.</typeparam>
    /// <param name="data">The bytes of exactly one value; they need not have been checked.</param>
    /// <param name="value">The value; null where the data has nil and the type allows it.</param>
    /// <param name="error">What is wrong.</param>
    /// <param name="options">How; null for the default.</param>
    /// <returns>Whether the bytes hold such a value.</returns>
    public static bool TryDeserialize<T>(
        ReadOnlySpan<byte> data,
        [MaybeNullWhen(false)] out T value,
        [NotNullWhen(false)] out MessagePackReadError? error,
        PackSerializerOptions? options = null)
    {
        var reader = new PackReader(data);
        if (!(options ?? PackSerializerOptions.Default).GetConverter<T>().TryRead(ref reader, out value, out error))
            return false;
        if (reader.IsEnd)
            return true;
        value = default;
        error = new MessagePackReadError("", "the end of the data", "more bytes");
        return false;
    }
}
