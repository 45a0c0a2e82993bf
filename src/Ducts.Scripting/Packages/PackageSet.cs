using System.Collections.Frozen;
using System.Reflection;
using Ducts.Scripting.Compiling;

namespace Ducts.Scripting.Packages;

/// <summary>The assemblies that files' directives brought in, with all that those need, in one folder.</summary>
internal sealed class PackageSet
{
    private readonly FrozenSet<string> _newer;

    private PackageSet(string id, string folder)
    {
        Id = id;
        MainAssembly = Path.Combine(folder, PackageProject.AssemblyName + ".dll");
        var all = Directory.GetFiles(Path.Combine(folder, PackageProject.ReferenceFolder), "*.dll");
        _newer = all.Where(IsNewer).Select(static path => Path.GetFileNameWithoutExtension(path)).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        References = all.Where(path => Provides(Path.GetFileNameWithoutExtension(path))).Order(StringComparer.Ordinal).ToArray();
    }

    /// <summary>Names the directives and, of projects, their files' state.</summary>
    public string Id { get; }

    /// <summary>The assembly whose dependencies these are.</summary>
    public string MainAssembly { get; }

    /// <summary>What to compile against: full paths.</summary>
    public IReadOnlyList<string> References { get; }

    /// <summary>Opens a folder that was built before; null when there is none.</summary>
    public static PackageSet? TryOpen(string id, string folder) =>
        File.Exists(Path.Combine(folder, PackageProject.AssemblyName + ".dll")) ? new PackageSet(id, folder) : null;

    /// <summary>Whether an assembly is to come from here. The process's own goes first, unless this one is newer.</summary>
    public bool Provides(string name) => !PlatformAssemblies.ByName.ContainsKey(name) || _newer.Contains(name);

    /// <summary>Whether the first of two assemblies has the higher version.</summary>
    public static bool IsNewer(string path, string other) => AssemblyName.GetAssemblyName(path).Version > AssemblyName.GetAssemblyName(other).Version;

    private static bool IsNewer(string path) =>
        PlatformAssemblies.ByName.TryGetValue(Path.GetFileNameWithoutExtension(path), out var own) && IsNewer(path, own);
}
