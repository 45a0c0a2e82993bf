using System.Reflection;
using System.Runtime.Loader;
using Ducts.Scripting.Packages;

namespace Ducts.Scripting.Loading;

/// <summary>
/// Holds one compiled set of files and the packages it uses. Types of .NET, of this project and of the hosting
/// application are the process's own, so that both sides mean the same by them.
/// </summary>
internal sealed class ScriptLoadContext : AssemblyLoadContext, IDisposable
{
    private readonly PackageSet? _packages;
    private readonly AssemblyDependencyResolver? _resolver;

    /// <param name="name">For debuggers.</param>
    /// <param name="packages">What the files' directives brought in, or null.</param>
    /// <param name="unloadable">
    /// Whether disposing unloads. Code that can be unloaded is compiled once and not again with what was learned from
    /// its running, so only a server that reloads pays for that.
    /// </param>
    public ScriptLoadContext(string name, PackageSet? packages, bool unloadable)
        : base(name, unloadable)
    {
        _packages = packages;
        _resolver = packages is null ? null : new AssemblyDependencyResolver(packages.MainAssembly);
    }

    /// <summary>Loads the compiled assembly; its symbols are embedded in it.</summary>
    public Assembly Load(ReadOnlyMemory<byte> image)
    {
        using var stream = new MemoryStream(image.ToArray(), writable: false);
        return LoadFromStream(stream);
    }

    public void Dispose()
    {
        if (!IsCollectible)
        {
            return;
        }

        Unload();
        if (ForgottenTypes.Clear() is [_, ..] failures)
        {
            throw new AggregateException("What the process has kept of the unloaded types could not be cleared.", failures);
        }
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (_packages is null || assemblyName.Name is not { } name || !_packages.Provides(name))
        {
            return null;
        }

        return _resolver!.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver?.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
