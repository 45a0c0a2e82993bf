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
    private readonly StartupAssembly? _startup;

    /// <param name="name">For debuggers.</param>
    /// <param name="packages">What the files' directives brought in, or null.</param>
    /// <param name="unloadable">
    /// Whether disposing unloads. Code that can be unloaded is compiled once and not again with what was learned from
    /// its running, so only a server that reloads pays for that.
    /// </param>
    /// <param name="startup">The startup file whose types the files share, or null.</param>
    public ScriptLoadContext(string name, PackageSet? packages, bool unloadable, StartupAssembly? startup)
        : base(name, unloadable)
    {
        _packages = packages;
        _startup = startup;
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
        var own = Resolve(assemblyName);
        if (_startup is null)
        {
            return own is null ? null : LoadFromAssemblyPath(own);
        }

        if (assemblyName.Name == _startup.Assembly.GetName().Name)
        {
            return _startup.Assembly;
        }

        var shared = _startup.Context.Resolve(assemblyName);
        return own is not null && (shared is null || PackageSet.IsNewer(own, shared))
            ? LoadFromAssemblyPath(own)
            : shared is null ? null : _startup.Context.LoadFromAssemblyPath(shared);
    }

    private string? Resolve(AssemblyName assemblyName) =>
        _packages is not null && assemblyName.Name is { } name && _packages.Provides(name) ? _resolver!.ResolveAssemblyToPath(assemblyName) : null;

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver?.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
