using System.Runtime.Loader;

namespace Ducts.Live.Reload;

/// <summary>Notes the code of handlers as it is loaded, without holding it, and tells what of it is still in use.</summary>
/// <param name="mark">A type that only this test's handlers have.</param>
internal sealed class LoadedCode(string mark)
{
    private readonly HashSet<string> _assemblies = [];

    public int Noted => _assemblies.Count;

    /// <summary>Notes what is loaded from the folder's files now.</summary>
    public void Note()
    {
        foreach (var context in AssemblyLoadContext.All.Where(static context => context.Name?.StartsWith("handlers ", StringComparison.Ordinal) == true))
        {
            foreach (var assembly in context.Assemblies.Where(assembly => assembly.GetType(mark) is not null))
                _assemblies.Add(assembly.FullName!);
        }
    }

    /// <summary>Sets of handlers that have not been given up for unloading.</summary>
    public int InUse => AssemblyLoadContext.All.Count(context => context.Assemblies.Any(assembly => assembly.GetType(mark) is not null));
}
