using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.Loader;

namespace Ducts.Scripting.Loading;

/// <summary>
/// Makes the process forget types whose code is replaced. Libraries keep what they have learned of types by reflection for
/// as long as the process lives, and with it the code.
/// </summary>
internal static class ForgottenTypes
{
    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    // From a static field over a table and its entry to the dictionary.
    private const int Depth = 5;

    // The caches that hot reload does not reach: how minimal APIs bind a parameter of a type, and type descriptors, which
    // OpenAPI documents are made with.
    private static readonly string[] Unreached =
        ["Microsoft.AspNetCore.Http.ParameterBindingMethodCache", "System.ComponentModel.TypeDescriptor"];

    /// <summary>Clears what is kept; call it when nothing of the replaced code runs any more.</summary>
    /// <returns>What could not be cleared.</returns>
    public static IReadOnlyList<Exception> Clear()
    {
        var failures = new List<Exception>();
        foreach (var assembly in AssemblyLoadContext.Default.Assemblies)
        {
            // The contract of .NET's hot reload: assemblies name the types to be told when what reflection said may not hold any more.
            foreach (var handler in assembly.GetCustomAttributes<MetadataUpdateHandlerAttribute>())
                Try(() => handler.HandlerType.GetMethod("ClearCache", Static, [typeof(Type[])])?.Invoke(null, [Type.EmptyTypes]), failures);
            foreach (var name in Unreached)
            {
                if (assembly.GetType(name) is { } cache)
                    Try(() => RemoveUnloadable(cache), failures);
            }
        }

        return failures;
    }

    private static void Try(Action clear, List<Exception> failures)
    {
        try
        {
            clear();
        }
        catch (Exception exception)
        {
            failures.Add(exception);
        }
    }

    private static void RemoveUnloadable(Type cache)
    {
        var visited = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var field in cache.GetFields(Static).Where(static field => !field.IsLiteral))
            RemoveUnloadable(field.GetValue(null), cache.Assembly, Depth, visited);
    }

    private static void RemoveUnloadable(object? kept, Assembly owner, int depth, HashSet<object> visited)
    {
        if (kept is null || depth == 0 || !visited.Add(kept))
            return;
        var type = kept.GetType();
        if (kept is IDictionary known)
        {
            // Types of handlers that answer go, too; where they are needed again, they are looked at again.
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ConcurrentDictionary<,>))
            {
                foreach (var key in known.Keys.OfType<Type>().Where(static key => key.IsCollectible).ToArray())
                    known.Remove(key);
            }

            foreach (var value in known.Values)
                RemoveUnloadable(value, owner, depth - 1, visited);
        }
        else if (type.Assembly == owner || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Lazy<>)))
        {
            for (var declaring = type; declaring is not null && declaring != typeof(object); declaring = declaring.BaseType)
            {
                foreach (var field in declaring.GetFields(Instance | BindingFlags.DeclaredOnly).Where(static field => !field.FieldType.IsValueType))
                    RemoveUnloadable(field.GetValue(kept), owner, depth - 1, visited);
            }
        }
    }
}
