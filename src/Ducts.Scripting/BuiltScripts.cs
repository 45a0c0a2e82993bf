using Ducts.Handlers;
using Ducts.Scripting.Compiling;
using Ducts.Scripting.Files;
using Ducts.Scripting.Loading;
using Ducts.Scripting.Packages;

namespace Ducts.Scripting;

/// <summary>Files made into an assembly, freshly or from the cache, with the problems of their directives.</summary>
/// <param name="Key">Names the content, as the cache does.</param>
/// <param name="Scripts">The assembly and its classes.</param>
/// <param name="Packages">What the directives brought in, or null.</param>
/// <param name="Directives">The directives.</param>
/// <param name="Problems">All problems, by file and line.</param>
internal sealed record BuiltScripts(
    string Key,
    CompiledScripts Scripts,
    PackageSet? Packages,
    IReadOnlyList<SourceDirective> Directives,
    IReadOnlyList<HandlerProblem> Problems)
{
    /// <summary>Loads the assembly; call only where there is one.</summary>
    public ScriptLoadContext Load(string name, bool unloadable, StartupAssembly? startup, out System.Reflection.Assembly assembly)
    {
        var context = new ScriptLoadContext(name, Packages, unloadable, startup);
        assembly = context.Load(Scripts.Image);
        return context;
    }
}
