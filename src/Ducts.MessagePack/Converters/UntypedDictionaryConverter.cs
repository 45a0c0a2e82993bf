using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>Dictionaries from before generics: <see cref="IDictionary"/>, <see cref="Hashtable"/> and the like.</summary>
internal sealed class UntypedDictionaryConverter<TDictionary>(PackSerializerOptions options) : PackConverter<TDictionary?>
    where TDictionary : IDictionary
{
    private readonly DictionaryConverter<Dictionary<object, object?>, object, object?> _pairs = new(options, static pairs => pairs);

    public override void Write(ref PackWriter writer, TDictionary? value)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        var pairs = new Dictionary<object, object?>(value.Count);
        foreach (DictionaryEntry entry in value)
            pairs[entry.Key] = entry.Value;
        _pairs.Write(ref writer, pairs);
    }

    public override bool TryRead(ref PackReader reader, out TDictionary? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        var start = reader;
        if (!_pairs.TryRead(ref reader, out var pairs, out error))
            return false;
        if (pairs is null)
            return true;
        if (pairs is TDictionary ready)
        {
            value = ready;
            return true;
        }

        if (typeof(TDictionary).GetConstructor(Type.EmptyTypes) is null)
            return Fail(start, $"a type that can be read, which {typeof(TDictionary).Name} cannot", out value, out error);
        value = Activator.CreateInstance<TDictionary>();
        foreach (var (key, item) in pairs)
            value[key] = item;
        return true;
    }
}
