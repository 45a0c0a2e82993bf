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
        if (typeof(IDictionary<TKey, TValue>).IsAssignableFrom(type) && (type.IsValueType || type.GetConstructor(Type.EmptyTypes) is not null))
        {
            return static pairs =>
            {
                // Boxed first, so that a struct is filled and not its copy.
                var dictionary = (IDictionary<TKey, TValue>)Activator.CreateInstance<TDictionary>();
                foreach (var (key, value) in pairs)
                    dictionary[key] = value;
                return (TDictionary)dictionary;
            };
        }

        var constructor = type.GetConstructor([typeof(IDictionary<TKey, TValue>)]) ?? type.GetConstructor([typeof(IEnumerable<KeyValuePair<TKey, TValue>>)]);
        return constructor is null ? null : pairs => (TDictionary)constructor.Invoke([pairs]);
    }

    private static Func<Dictionary<TKey, TValue>, object>? FromLibrary<TKey, TValue>(Type type)
        where TKey : notnull
        => type switch
        {
            _ when type == typeof(ImmutableDictionary<TKey, TValue>) || type == typeof(IImmutableDictionary<TKey, TValue>)
                => static pairs => ImmutableDictionary.CreateRange(pairs),
            _ when type == typeof(ImmutableSortedDictionary<TKey, TValue>) => static pairs => ImmutableSortedDictionary.CreateRange(pairs),
            _ when type == typeof(FrozenDictionary<TKey, TValue>) => static pairs => pairs.ToFrozenDictionary(),
            _ => null,
        };
}
