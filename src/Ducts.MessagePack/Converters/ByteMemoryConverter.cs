using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>The structs that stand for bytes: memory and segments of arrays.</summary>
internal sealed class ByteMemoryConverter<T>(Func<T, ReadOnlyMemory<byte>> toMemory, Func<byte[], T> fromArray) : PackConverter<T>
    where T : struct
{
    public override void Write(ref PackWriter writer, T value) => writer.WriteBinary(toMemory(value).Span);

    public override bool TryRead(ref PackReader reader, out T value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        var done = Bytes.TryRead(ref reader, out var bytes, out error);
        value = done ? fromArray(bytes!) : default;
        return done;
    }
}
