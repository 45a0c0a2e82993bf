using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Ducts.MessagePack.Converters;

/// <summary>Every type with elements of one type, other than arrays.</summary>
/// <param name="options">The options.</param>
/// <param name="build">Makes the collection from what was read; null when the type cannot be made.</param>
internal sealed class CollectionConverter<TCollection, T>(PackSerializerOptions options, Func<List<T>, TCollection>? build) : PackConverter<TCollection?>
    where TCollection : IEnumerable<T>
{
    private readonly ElementSequence<T> _elements = new(options);

    public override void Write(ref PackWriter writer, TCollection? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNil();
                break;
            case T[] array when array.GetType() == typeof(T[]):
                _elements.Write(ref writer, array);
                break;
            case List<T> list:
                _elements.Write(ref writer, CollectionsMarshal.AsSpan(list));
                break;
            case not IProducerConsumerCollection<T> when value.TryGetNonEnumeratedCount(out var count):
                _elements.Write(ref writer, value, count);
                break;
            default:
                // A sequence of unknown length, or one that other threads may be changing.
                _elements.Write(ref writer, CollectionsMarshal.AsSpan(value.ToList()));
                break;
        }
    }

    public override bool TryRead(ref PackReader reader, out TCollection? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        error = null;
        if (!typeof(TCollection).IsValueType && reader.TryReadNil() == MessagePackStatus.Ok)
            return true;
        if (build is null)
            return Fail(reader, $"a type that can be read, which {typeof(TCollection).Name} cannot", out value, out error);
        if (!_elements.TryReadList(ref reader, out var list, out error))
            return false;
        return Building.TryBuild(build, list, out value, out error);
    }
}
