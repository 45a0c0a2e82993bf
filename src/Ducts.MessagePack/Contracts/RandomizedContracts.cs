using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Ducts.MessagePack.Converters;

namespace Ducts.MessagePack.Contracts;

/// <summary>
/// Makes contracts of System.Text.Json create dictionaries and sets with the comparers that the converters here give them: keys in
/// a body are as much a client's choice as those in a message.
/// </summary>
// A change of contracts and no converters, so that paths in errors, schemas and reading piece by piece stay.
internal static class RandomizedContracts
{
    public static void Modify(JsonTypeInfo info)
    {
        if (info.Kind is not (JsonTypeInfoKind.Dictionary or JsonTypeInfoKind.Enumerable))
            return;
        var (method, arguments) = CollectionConverters.FindInterface(info.Type, typeof(IDictionary<,>)) is { } dictionary
            ? (nameof(DictionaryOf), dictionary.GetGenericArguments())
            : (nameof(SetOf), CollectionConverters.FindInterface(info.Type, typeof(ISet<>))?.GetGenericArguments());
        if (arguments is not null && Call(method, [info.Type, .. arguments]) is { } create)
            info.CreateObject = create;
    }

    private static Func<object>? DictionaryOf<TDictionary, TKey, TValue>()
        where TKey : notnull
    {
        if (RandomizedComparer<TKey>.Instance is not { } comparer)
            return null;
        return typeof(TDictionary).IsAssignableFrom(typeof(Dictionary<TKey, TValue>))
            ? () => new Dictionary<TKey, TValue>(comparer)
            : Comparing<TDictionary, TKey>(comparer);
    }

    private static Func<object>? SetOf<TSet, T>()
    {
        if (RandomizedComparer<T>.Instance is not { } comparer)
            return null;
        return typeof(TSet).IsAssignableFrom(typeof(HashSet<T>)) ? () => new HashSet<T>(comparer) : Comparing<TSet, T>(comparer);
    }

    private static Func<object>? Comparing<TCollection, T>(RandomizedComparer<T> comparer) =>
        !typeof(TCollection).IsAbstract && typeof(TCollection).GetConstructor([typeof(IEqualityComparer<T>)]) is { } constructor
            ? () => constructor.Invoke(BindingFlags.DoNotWrapExceptions, binder: null, [comparer], culture: null)
            : null;

    private static Func<object>? Call(string method, Type[] arguments) =>
        (Func<object>?)typeof(RandomizedContracts).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(arguments).Invoke(null, []);
}
