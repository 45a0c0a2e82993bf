namespace Ducts;

/// <summary>Section <c>ducts.context_config</c>.</summary>
public sealed class ContextOptions
{
    /// <summary>Compiled assemblies with handlers: names or paths.</summary>
    public List<string> PluginModules { get; set; } = [];
}
