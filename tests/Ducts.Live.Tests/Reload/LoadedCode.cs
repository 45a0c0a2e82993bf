using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Ducts.Live.Reload;

/// <summary>Notes the code of handlers as it is loaded, without holding it, and tells what of it is still in memory.</summary>
/// <param name="mark">A type that only this test's handlers have.</param>
internal sealed class LoadedCode(string mark)
{
    private readonly Dictionary<string, WeakReference> _assemblies = [];

    public int Noted => _assemblies.Count;

    public int Alive => _assemblies.Values.Count(static assembly => assembly.IsAlive);

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

    /// <summary>Collects garbage until only so many are left, or nothing more goes.</summary>
    public async Task<int> CollectAsync(int expected)
    {
        // Code goes in steps: what is unreachable, its finalizers, then the loader's own; and what runs must end first.
        for (var round = 0; Alive > expected && round < 200; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(20);
        }

        return Alive;
    }
}
