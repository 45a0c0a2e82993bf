using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using Ducts.MessagePack.Contracts;

namespace Ducts.MessagePack.Converters;

/// <summary>Value tuples as arrays. Beyond seven items the rest is an array inside, as it is in the type.</summary>
internal sealed class TupleConverter<T> : PackConverter<T?>
{
    private readonly Member<T>[] _items;
    private readonly PackSerializerOptions _options;

    public TupleConverter(PackSerializerOptions options)
    {
        _options = options;
        _items = [.. typeof(T).GetFields(BindingFlags.Public | BindingFlags.Instance)
            .OrderBy(static field => field.Name, StringComparer.Ordinal)
            .Select((field, index) => MemberFactory.Create<T>(field, index, options))];
    }

    public override void Write(ref PackWriter writer, T? value)
    {
        var tuple = value!;
        writer.Enter(_options.MaxDepth);
        writer.WriteArrayHeader(_items.Length);
        foreach (var item in _items)
            item.Write(ref writer, ref tuple);
        writer.Leave();
    }

    public override bool TryRead(ref PackReader reader, out T? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default!;
        var start = reader;
        if (reader.TryReadArrayHeader(out var count) != MessagePackStatus.Ok || count != _items.Length)
            return Fail(start, string.Create(CultureInfo.InvariantCulture, $"an array of {_items.Length}"), out value, out error);
        if (!Nesting.TryEnter(ref reader, _options, out error))
            return false;
        foreach (var item in _items)
        {
            if (!item.TryRead(ref reader, ref value, out error))
                return false;
        }

        reader.Depth--;
        return true;
    }
}
