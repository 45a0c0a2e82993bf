using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>Collections from before generics: <see cref="IEnumerable"/>, <see cref="ArrayList"/> and the like.</summary>
internal sealed class UntypedCollectionConverter<TCollection>(PackSerializerOptions options) : PackConverter<TCollection?>
    where TCollection : IEnumerable
{
    private readonly ElementSequence<object?> _elements = new(options);

    public override void Write(ref PackWriter writer, TCollection? value)
    {
        if (value is null)
            writer.WriteNil();
        else
            _elements.Write(ref writer, value.Cast<object?>().ToArray());
    }

    public override bool TryRead(ref PackReader reader, out TCollection? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        error = null;
        if (reader.TryReadNil() == MessagePackStatus.Ok)
            return true;
        var start = reader;
        if (!_elements.TryReadList(ref reader, out var list, out error))
            return false;
        if (list is TCollection ready)
        {
            value = ready;
            return true;
        }

        if (!typeof(IList).IsAssignableFrom(typeof(TCollection)) || typeof(TCollection).GetConstructor(Type.EmptyTypes) is null)
            return Fail(start, $"a type that can be read, which {typeof(TCollection).Name} cannot", out value, out error);
        value = Activator.CreateInstance<TCollection>();
        foreach (var item in list)
            ((IList)value).Add(item);
        return true;
    }
}
