using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Extensions.Primitives;

namespace Ducts.Handlers;

/// <summary>The assemblies of option <c>plugin_modules</c>: names of assemblies beside the application, or paths.</summary>
internal sealed class PluginModules(IReadOnlyList<string> modules, string home) : IHandlerSource
{
    public async Task<HandlerSet> LoadAsync(CancellationToken cancellationToken)
    {
        var candidates = new List<HandlerCandidate>();
        var problems = new List<HandlerProblem>();
        var warnings = new List<HandlerProblem>();
        foreach (var module in modules)
        {
            try
            {
                var set = await new AssemblyHandlerSource(Load(module)).LoadAsync(cancellationToken);
                candidates.AddRange(set.Candidates);
                problems.AddRange(set.Problems);
                warnings.AddRange(set.Warnings);
            }
            catch (Exception exception) when (exception is IOException or BadImageFormatException or TypeLoadException or ReflectionTypeLoadException)
            {
                problems.Add(new HandlerProblem(module, 0, 0, $"plugin_modules names an assembly that cannot be loaded: {exception.Message}"));
            }
        }

        return new HandlerSet(candidates, problems) { Warnings = warnings };
    }

    public IChangeToken? Watch() => null;

    private Assembly Load(string module)
    {
        var path = Path.GetFullPath(module, Path.GetFullPath(home));
        return File.Exists(path)
            ? AssemblyLoadContext.Default.LoadFromAssemblyPath(path)
            : AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(module));
    }
}
