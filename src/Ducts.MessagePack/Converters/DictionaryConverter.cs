using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>Every type with values by keys.</summary>
/// <param name="options">The options.</param>
/// <param name="build">Makes the dictionary from what was read; null when the type cannot be made.</param>
internal sealed class DictionaryConverter<TDictionary, TKey, TValue>(
    PackSerializerOptions options, Func<Dictionary<TKey, TValue>, TDictionary>? build) : PackConverter<TDictionary?>
    where TDictionary : IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    // As for arrays: what is announced is believed only so far.
    private const int TrustedCount = 1024;

    private KeyConverter<TKey>? _keys;
    private PackConverter<TValue>? _values;

    private KeyConverter<TKey> Keys => _keys ??= KeyConverter<TKey>.Create(options);

    private PackConverter<TValue> Values => _values ??= options.GetConverter<TValue>();

    public override void Write(ref PackWriter writer, TDictionary? value)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        if (value is Dictionary<TKey, TValue> dictionary)
        {
            // Its enumerator is a struct.
            writer.Enter(options.MaxDepth);
            writer.WriteMapHeader(dictionary.Count);
            foreach (var (key, item) in dictionary)
                WritePair(ref writer, key, item);
            writer.Leave();
            return;
        }

        // A copy, as other threads may be changing a concurrent dictionary between its count and its pairs.
        var pairs = value.ToArray();
        writer.Enter(options.MaxDepth);
        writer.WriteMapHeader(pairs.Length);
        foreach (var (key, item) in pairs)
            WritePair(ref writer, key, item);
        writer.Leave();
    }

    public override bool TryRead(ref PackReader reader, out TDictionary? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        error = null;
        if (!typeof(TDictionary).IsValueType && reader.TryReadNil() == MessagePackStatus.Ok)
            return true;
        if (build is null)
            return Fail(reader, $"a type that can be read, which {typeof(TDictionary).Name} cannot", out value, out error);
        if (reader.TryReadMapHeader(out var count) != MessagePackStatus.Ok)
            return Fail(reader, "a map", out value, out error);
        if (!Nesting.TryEnter(ref reader, options, out error))
            return false;
        var pairs = new Dictionary<TKey, TValue>(Math.Min(count, TrustedCount), RandomizedComparer<TKey>.Instance);
        for (var i = 0; i < count; i++)
        {
            if (!TryReadPair(ref reader, pairs, out error))
                return false;
        }

        reader.Depth--;
        return Building.TryBuild(build, pairs, out value, out error);
    }

    private void WritePair(ref PackWriter writer, TKey key, TValue value)
    {
        Keys.Write(ref writer, key);
        Values.Write(ref writer, value);
    }

    private bool TryReadPair(ref PackReader reader, Dictionary<TKey, TValue> pairs, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        var start = reader;
        if (!Keys.TryRead(ref reader, out var key, out error))
        {
            error = new MessagePackReadError(error.Path, $"{error.Expected} as a key", error.Found);
            return false;
        }

        if (!Values.TryRead(ref reader, out var value, out error))
        {
            error = error.Within(KeyText.Read(ref start));
            return false;
        }

        if (pairs.TryAdd(key, value))
            return true;
        error = UniqueKeys.Error(KeyText.Read(ref start));
        return false;
    }
}
