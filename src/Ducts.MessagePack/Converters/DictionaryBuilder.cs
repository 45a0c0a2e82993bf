using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Ducts.MessagePack.Converters;

/// <summary>Finds how a dictionary is made from the pairs that were read.</summary>
internal static class DictionaryBuilder
{
    public static Func<Dictionary<TKey, TValue>, TDictionary>? Find<TDictionary, TKey, TValue>()
        where TDictionary : IEnumerable<KeyValuePair<TKey, TValue>>
        where TKey : notnull
    {
        var type = typeof(TDictionary);
        if (type.IsAssignableFrom(typeof(Dictionary<TKey, TValue>)))
            return static pairs => (TDictionary)(object)pairs;
        if (FromLibrary<TKey, TValue>(type) is { } make)
            return pairs => (TDictionary)make(pairs);
        if (type.IsAbstract)
            return null;
        object? comparer = RandomizedComparer<TKey>.Instance;
        if (comparer is not null && typeof(IDictionary<TKey, TValue>).IsAssignableFrom(type)
            && type.GetConstructor([typeof(IEqualityComparer<TKey>)]) is { } comparing)
        {
            return pairs => Fill((IDictionary<TKey, TValue>)comparing.Invoke([comparer]), pairs);
        }

        if (typeof(IDictionary<TKey, TValue>).IsAssignableFrom(type) && (type.IsValueType || type.GetConstructor(Type.EmptyTypes) is not null))
        {
            // Boxed first, so that a struct is filled and not its copy.
            return static pairs => Fill((IDictionary<TKey, TValue>)Activator.CreateInstance<TDictionary>(), pairs);
        }

        var constructor = type.GetConstructor([typeof(IDictionary<TKey, TValue>)]) ?? type.GetConstructor([typeof(IEnumerable<KeyValuePair<TKey, TValue>>)]);
        return constructor is null ? null : pairs => (TDictionary)constructor.Invoke([pairs]);

        static TDictionary Fill(IDictionary<TKey, TValue> dictionary, Dictionary<TKey, TValue> pairs)
        {
            foreach (var (key, value) in pairs)
                dictionary[key] = value;
            return (TDictionary)dictionary;
        }
    }

    private static Func<Dictionary<TKey, TValue>, object>? FromLibrary<TKey, TValue>(Type type)
        where TKey : notnull
        => type switch
        {
            _ when type == typeof(ImmutableDictionary<TKey, TValue>) || type == typeof(IImmutableDictionary<TKey, TValue>)
                => static pairs => ImmutableDictionary.CreateRange(RandomizedComparer<TKey>.Instance, pairs),
            _ when type == typeof(ImmutableSortedDictionary<TKey, TValue>) => static pairs => ImmutableSortedDictionary.CreateRange(pairs),
            _ when type == typeof(FrozenDictionary<TKey, TValue>) => static pairs => pairs.ToFrozenDictionary(RandomizedComparer<TKey>.Frozen),
            _ => null,
        };
}
