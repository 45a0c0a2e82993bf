namespace Ducts;

/// <summary>Section <c>ducts.common_config</c>.</summary>
public sealed class CommonOptions
{
    /// <summary>The folder that relative paths start from. Default: the current folder.</summary>
    public string DuctsHome { get; set; } = ".";

    /// <summary>Where the pid file is; <c>{ducts_home}</c>, <c>{module}</c> and <c>{service}</c> are filled in.</summary>
    public string Pidpath { get; set; } = "{ducts_home}/.pid/{module}_{service}.pid";
}
