namespace Ducts;

/// <summary>Specifies the compiled handlers of a server. INI section <c>ducts.context_config</c>.</summary>
[Section("ducts.context_config", "ducts.server.config")]
public sealed class DuctsContextOptions
{
    /// <summary>
    /// Gets or sets the assemblies whose handlers the server loads: assembly names, or paths of <c>.dll</c> files. Default:
    /// none. Use it for handlers that are built as a project of their own rather than kept as files.
    /// </summary>
    [Option("compiled assemblies with handlers")]
    public List<string> PluginModules { get; set; } = [];

    /// <summary>
    /// Gets or sets the same folder as <see cref="DuctsCommonOptions.DuctsHome"/>, for INI files that set it in this
    /// section. Default: the current folder. Setting both to different folders is an error.
    /// </summary>
    [Option("working folder, as in ducts.common_config", IsPath = true)]
    public string DuctsHome { get; set; } = ".";
}
