namespace Ducts;

/// <summary>Where handlers are and what they may do. INI section <c>ducts.event_config</c>.</summary>
[Section("ducts.event_config", "ducts.server.config")]
public sealed class DuctsEventOptions
{
    /// <summary>Gets or sets the folder of the handler files. Default: <c>handler</c>. It need not exist.</summary>
    [Option("local path of event handlers", IsPath = true)]
    public string LocalPathHandler { get; set; } = "handler";

    /// <summary>
    /// Gets or sets the pattern of the names of handler files in that folder, without folders; it ends in <c>.cs</c> or
    /// <c>*</c>. Default: <c>evt_*.cs</c>.
    /// </summary>
    [Option("pattern of the names of handler files")]
    public string PluginFilenamePattern { get; set; } = "evt_*.cs";

    /// <summary>
    /// Gets or sets the lowest id that an event of yours may have. Default: 1000. Range: 1000 to 2147483647; lower ids
    /// are the protocol's. Raise it to reserve a range for events that are shared by several servers.
    /// </summary>
    [Option("lowest id of a user's event", Min = 1000, Max = 2147483647)]
    public int MinUserHandlerId { get; set; } = 1000;

    /// <summary>
    /// Gets or sets the time between two items of ALIVE_MONITORING, by which clients measure the connection. Default: 5
    /// seconds. Range: 0.001 seconds to 1 day. Lower it to notice a slow connection sooner; each item is a message to
    /// each client that asked for them.
    /// </summary>
    [Option("seconds between two items of ALIVE_MONITORING", Min = 0.001, Max = 86400)]
    public TimeSpan AliveMonitoringInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets whether changed handler files are compiled and swapped in while the server runs. Default: false.
    /// Use it while developing; <c>ducts server start --watch</c> sets it.
    /// </summary>
    [Option("whether changed handler files are swapped in while the server runs")]
    public bool Reload { get; set; }

    /// <summary>
    /// Gets or sets whether a handler that cannot be loaded, or an unknown option of an INI file, fails the start
    /// instead of being logged. Default: false. Set it where a deployment must be complete or not happen.
    /// </summary>
    [Option("whether a handler that cannot be loaded, or an unknown option, fails the start")]
    public bool Strict { get; set; }

    /// <summary>
    /// Gets or sets whether clients are sent the messages of unexpected exceptions. Default: false, because they may
    /// hold secrets; clients then get a reference that the log has too. Use it while developing.
    /// </summary>
    [Option("whether clients are told the messages of unexpected exceptions")]
    public bool DetailedErrors { get; set; }

    /// <summary>
    /// Gets or sets the Redis commands that clients may run through the events REDIS_EXECUTE and EVENT. Default: none.
    /// Name only commands that any client may run on any key.
    /// </summary>
    [Option("redis commands that clients may run through REDIS_EXECUTE and EVENT")]
    public List<string> RedisExecuteCommands { get; set; } = [];
}
