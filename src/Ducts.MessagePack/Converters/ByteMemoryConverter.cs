using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>The structs that stand for bytes: memory and segments of arrays.</summary>
internal sealed class ByteMemoryConverter<T>(Func<T, ReadOnlyMemory<byte>> toMemory, Func<byte[], T> fromArray) : MessagePackConverter<T>
    where T : struct
{
    public override void Write(ref MessagePackWriter writer, T value) => writer.WriteBinary(toMemory(value).Span);

    public override bool TryRead(ref MessagePackReader reader, out T value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        var done = Bytes.TryRead(ref reader, out var bytes, out error);
        value = done ? fromArray(bytes!) : default;
        return done;
    }
}
