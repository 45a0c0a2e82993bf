using System.Collections;
using System.Reflection;

namespace Ducts.MessagePack.Converters;

/// <summary>Picks the converter of arrays, collections and dictionaries.</summary>
internal static class CollectionConverters
{
    public static PackConverter? TryCreate(Type type, PackSerializerOptions options)
    {
        if (type.IsArray)
            return type.IsSZArray ? Make(typeof(ArrayConverter<>), [type.GetElementType()!], options) : null;
        if (TryCreateArrayLike(type, options) is { } arrayLike)
            return arrayLike;
        if (FindInterface(type, typeof(IDictionary<,>)) is { } dictionary)
            return MakeDictionary(type, dictionary.GetGenericArguments(), options);
        if (FindInterface(type, typeof(IReadOnlyDictionary<,>)) is { } readOnly)
            return MakeDictionary(type, readOnly.GetGenericArguments(), options);
        if (typeof(IDictionary).IsAssignableFrom(type))
            return Make(typeof(UntypedDictionaryConverter<>), [type], options);
        if (FindInterface(type, typeof(IEnumerable<>)) is { } sequence)
            return MakeCollection(type, sequence.GetGenericArguments()[0], options);
        return typeof(IEnumerable).IsAssignableFrom(type) ? Make(typeof(UntypedCollectionConverter<>), [type], options) : null;
    }

    private static PackConverter? TryCreateArrayLike(Type type, PackSerializerOptions options)
    {
        if (!type.IsGenericType || !type.IsValueType)
            return null;
        var definition = type.GetGenericTypeDefinition();
        var method = definition == typeof(Memory<>) ? nameof(MemoryOf)
            : definition == typeof(ReadOnlyMemory<>) ? nameof(ReadOnlyMemoryOf)
            : definition == typeof(ArraySegment<>) ? nameof(SegmentOf)
            : null;
        return method is null ? null : Call(method, type.GetGenericArguments(), options);
    }

    private static ArrayLikeConverter<Memory<T>, T> MemoryOf<T>(PackSerializerOptions options)
        => new(options, static memory => memory, static array => array);

    private static ArrayLikeConverter<ReadOnlyMemory<T>, T> ReadOnlyMemoryOf<T>(PackSerializerOptions options)
        => new(options, static memory => memory, static array => array);

    private static ArrayLikeConverter<ArraySegment<T>, T> SegmentOf<T>(PackSerializerOptions options)
        => new(options, static segment => segment, static array => array);

    private static PackConverter MakeCollection(Type type, Type element, PackSerializerOptions options)
        => Call(nameof(CollectionOf), [type, element], options);

    private static CollectionConverter<TCollection, T> CollectionOf<TCollection, T>(PackSerializerOptions options)
        where TCollection : IEnumerable<T>
        => new(options, CollectionBuilder.Find<TCollection, T>());

    private static PackConverter MakeDictionary(Type type, Type[] arguments, PackSerializerOptions options)
        => Call(nameof(DictionaryOf), [type, .. arguments], options);

    private static DictionaryConverter<TDictionary, TKey, TValue> DictionaryOf<TDictionary, TKey, TValue>(PackSerializerOptions options)
        where TDictionary : IEnumerable<KeyValuePair<TKey, TValue>>
        where TKey : notnull
        => new(options, DictionaryBuilder.Find<TDictionary, TKey, TValue>());

    private static PackConverter Call(string method, Type[] arguments, PackSerializerOptions options)
    {
        var definition = typeof(CollectionConverters).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!;
        return (PackConverter)definition.MakeGenericMethod(arguments).Invoke(null, [options])!;
    }

    private static PackConverter Make(Type converter, Type[] arguments, PackSerializerOptions options)
        => (PackConverter)Activator.CreateInstance(converter.MakeGenericType(arguments), options)!;

    internal static Type? FindInterface(Type type, Type definition)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == definition)
            return type;
        foreach (var candidate in type.GetInterfaces())
        {
            if (candidate.IsGenericType && candidate.GetGenericTypeDefinition() == definition)
                return candidate;
        }

        return null;
    }
}
