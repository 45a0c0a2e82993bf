using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>The structs that stand for part of an array: memory and segments.</summary>
internal sealed class ArrayLikeConverter<TMemory, T>(
    PackSerializerOptions options, Func<TMemory, ReadOnlyMemory<T>> toMemory, Func<T[], TMemory> fromArray) : PackConverter<TMemory>
    where TMemory : struct
{
    private readonly ElementSequence<T> _elements = new(options);

    public override void Write(ref PackWriter writer, TMemory value) => _elements.Write(ref writer, toMemory(value).Span);

    public override bool TryRead(ref PackReader reader, out TMemory value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        var done = _elements.TryReadArray(ref reader, out var array, out error);
        value = done ? fromArray(array!) : default;
        return done;
    }
}
