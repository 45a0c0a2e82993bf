using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Ducts.MessagePack.Converters;

/// <summary>Finds how a collection is made from the elements that were read.</summary>
internal static class CollectionBuilder
{
    public static Func<List<T>, TCollection>? Find<TCollection, T>()
        where TCollection : IEnumerable<T>
    {
        var type = typeof(TCollection);
        if (type.IsAssignableFrom(typeof(List<T>)))
            return static list => (TCollection)(object)list;
        if (type.IsAssignableFrom(typeof(HashSet<T>)))
            return static list => (TCollection)(object)new HashSet<T>(list, RandomizedComparer<T>.Instance);
        if (FromLibrary<T>(type) is { } make)
            return list => (TCollection)make(list);
        if (type.IsAbstract)
            return null;
        object? comparer = RandomizedComparer<T>.Instance;
        if (comparer is not null && typeof(ICollection<T>).IsAssignableFrom(type)
            && type.GetConstructor([typeof(IEqualityComparer<T>)]) is { } comparing)
        {
            return list => Fill((ICollection<T>)comparing.Invoke([comparer]), list);
        }

        if (typeof(ICollection<T>).IsAssignableFrom(type) && (type.IsValueType || type.GetConstructor(Type.EmptyTypes) is not null)
            && !((ICollection<T>)Activator.CreateInstance<TCollection>()).IsReadOnly)
        {
            // Boxed first, so that a struct is filled and not its copy.
            return static list => Fill((ICollection<T>)Activator.CreateInstance<TCollection>(), list);
        }

        var constructor = type.GetConstructor([typeof(IEnumerable<T>)]) ?? type.GetConstructor([typeof(IList<T>)]) ?? type.GetConstructor([typeof(List<T>)]);
        return constructor is null ? null : list => (TCollection)constructor.Invoke([list]);

        static TCollection Fill(ICollection<T> collection, List<T> list)
        {
            foreach (var item in list)
                collection.Add(item);
            return (TCollection)collection;
        }
    }

    private static Func<List<T>, object>? FromLibrary<T>(Type type) => type switch
    {
        _ when type == typeof(ImmutableArray<T>) => static list => ImmutableArray.CreateRange(list),
        _ when type == typeof(ImmutableList<T>) || type == typeof(IImmutableList<T>) => static list => ImmutableList.CreateRange(list),
        _ when type == typeof(ImmutableHashSet<T>) || type == typeof(IImmutableSet<T>) => static list => ImmutableHashSet.CreateRange(RandomizedComparer<T>.Instance, list),
        _ when type == typeof(ImmutableSortedSet<T>) => static list => ImmutableSortedSet.CreateRange(list),
        _ when type == typeof(ImmutableQueue<T>) || type == typeof(IImmutableQueue<T>) => static list => ImmutableQueue.CreateRange(list),
        _ when type == typeof(ImmutableStack<T>) || type == typeof(IImmutableStack<T>) => static list => ImmutableStack.CreateRange(list),
        _ when type == typeof(FrozenSet<T>) => static list => list.ToFrozenSet(RandomizedComparer<T>.Frozen),
        _ => null,
    };
}
