namespace Ducts;

/// <summary>Specifies the folders of a server. INI section <c>ducts.common_config</c>.</summary>
[Section("ducts.common_config", "ducts.server.config")]
public sealed class DuctsCommonOptions
{
    /// <summary>
    /// Gets or sets the folder that relative paths in the options are resolved against. Default: the current folder. Set it
    /// when a service manager starts the server from another folder than its files are in.
    /// </summary>
    [Option("working folder that relative paths start from", IsPath = true)]
    public string DuctsHome { get; set; } = ".";

    /// <summary>
    /// Gets or sets the path of the file with the process id; <c>ducts server stop</c> reads it to find the server.
    /// Default: <c>{ducts_home}/.pid/{module}_{service}.pid</c>; <c>{ducts_home}</c>, <c>{module}</c> and
    /// <c>{service}</c> are filled in. Change it where the folder is read-only, or pid files belong in <c>/run</c>.
    /// Only the owner of its folder may be able to write there.
    /// Only the <c>ducts</c> command writes one.
    /// </summary>
    [Option("path of the pid file", IsPath = true)]
    public string Pidpath { get; set; } = "{ducts_home}/.pid/{module}_{service}.pid";
}
