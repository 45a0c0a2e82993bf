using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack;

/// <summary>Packs and unpacks whole C# values.</summary>
public static class PackSerializer
{
    /// <summary>Packs a value.</summary>
    /// <typeparam name="T">The declared type of the value; <see cref="object"/> to use the runtime type.</typeparam>
    /// <param name="output">The buffer that receives the bytes; it may contain a part of them if an exception is thrown.</param>
    /// <param name="value">The value.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="MessagePackWriteException">The value cannot be packed.</exception>
    public static void Serialize<T>(IBufferWriter<byte> output, T value, PackSerializerOptions? options = null)
    {
        var writer = new PackWriter(output);
        (options ?? PackSerializerOptions.Default).GetConverter<T>().Write(ref writer, value);
        writer.Flush();
    }

    /// <summary>Packs a value.</summary>
    /// <typeparam name="T">The declared type of the value; <see cref="object"/> to use the runtime type.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="MessagePackWriteException">The value cannot be packed.</exception>
    public static byte[] Serialize<T>(T value, PackSerializerOptions? options = null)
    {
        var output = new ArrayBufferWriter<byte>();
        Serialize(output, value, options);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Unpacks a value.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="data">The bytes of exactly one value; they need not be validated.</param>
    /// <param name="value">The value; null where the data has nil and the type allows it.</param>
    /// <param name="error">The reason if the result is false.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>True if the bytes contain a value of the type.</returns>
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
