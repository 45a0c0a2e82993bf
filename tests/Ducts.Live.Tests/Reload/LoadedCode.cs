using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Ducts.Live.Reload;

/// <summary>Notes the code of handlers as it is loaded, without holding it, and tells what of it is still in memory.</summary>
/// <param name="mark">A type that only this test's handlers have.</param>
internal sealed class LoadedCode(string mark)
{
    private readonly Dictionary<string, WeakReference> _assemblies = [];

    public int Noted => _assemblies.Count;

    /// <summary>Notes what is loaded from the folder's files now.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Note()
    {
        foreach (var context in AssemblyLoadContext.All.Where(static context => context.Name?.StartsWith("handlers ", StringComparison.Ordinal) == true))
        {
            foreach (var assembly in context.Assemblies.Where(assembly => assembly.GetType(mark) is not null))
                _assemblies.TryAdd(assembly.FullName!, new WeakReference(assembly));
        }
    }

    /// <summary>Sets of handlers that are in memory after the garbage has been collected.</summary>
    public int Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return _assemblies.Values.Count(static assembly => assembly.IsAlive);
    }
}
