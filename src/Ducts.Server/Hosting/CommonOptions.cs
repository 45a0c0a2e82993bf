using Ducts.Configuration;

namespace Ducts;

/// <summary>Section <c>ducts.common_config</c>.</summary>
[Section("ducts.common_config", "ducts.server.config")]
public sealed class CommonOptions
{
    /// <summary>The folder that relative paths start from. Default: the current folder.</summary>
    [Option("working folder that relative paths start from", IsPath = true)]
    public string DuctsHome { get; set; } = ".";

    /// <summary>Where the pid file is; <c>{ducts_home}</c>, <c>{module}</c> and <c>{service}</c> are filled in.</summary>
    [Option("path of the pid file", IsPath = true)]
    public string Pidpath { get; set; } = "{ducts_home}/.pid/{module}_{service}.pid";
}
