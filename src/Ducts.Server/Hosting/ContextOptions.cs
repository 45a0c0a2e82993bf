using Ducts.Configuration;

namespace Ducts;

/// <summary>Section <c>ducts.context_config</c>.</summary>
[Section("ducts.context_config", "ducts.server.config")]
public sealed class ContextOptions
{
    /// <summary>Compiled assemblies with handlers: names or paths.</summary>
    [Option("compiled assemblies with handlers")]
    public List<string> PluginModules { get; set; } = [];

    /// <summary>The same as <see cref="CommonOptions.DuctsHome"/>, which the original has here too; set one of them.</summary>
    [Option("working folder, as in ducts.common_config", IsPath = true)]
    public string DuctsHome { get; set; } = ".";
}
