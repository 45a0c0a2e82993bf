using Ducts.Configuration;

namespace Ducts;

/// <summary>Section <c>ducts.event_config</c>.</summary>
[Section("ducts.event_config", "ducts.server.config")]
public sealed class EventOptions
{
    /// <summary>Folder of the handler files.</summary>
    [Option("local path of event handlers", IsPath = true)]
    public string LocalPathHandler { get; set; } = "handler";

    /// <summary>Which of its files are handlers.</summary>
    [Option("pattern of the names of handler files")]
    public string PluginFilenamePattern { get; set; } = "evt_*.cs";

    /// <summary>The lowest id a user's event may have.</summary>
    [Option("lowest id of a user's event", Min = 1000, Max = 2147483647)]
    public int MinUserHandlerId { get; set; } = 1000;

    /// <summary>Seconds between two items of ALIVE_MONITORING.</summary>
    [Option("seconds between two items of ALIVE_MONITORING", Min = 0.001, Max = 86400, Unit = "seconds")]
    public double AliveMonitoringInterval { get; set; } = 5;

    /// <summary>Compile and swap in changed handler files while the server runs. Default false.</summary>
    [Option("whether changed handler files are swapped in while the server runs")]
    public bool Reload { get; set; }

    /// <summary>A handler that cannot be loaded, or an unknown option, fails the start. Default false.</summary>
    [Option("whether a handler that cannot be loaded, or an unknown option, fails the start")]
    public bool Strict { get; set; }

    /// <summary>Send clients the messages of unexpected exceptions. Default false, for they may hold secrets.</summary>
    [Option("whether clients are told the messages of unexpected exceptions")]
    public bool DetailedErrors { get; set; }

    /// <summary>Redis commands that clients may run through REDIS_EXECUTE and EVENT. Default: none.</summary>
    [Option("redis commands that clients may run through REDIS_EXECUTE and EVENT")]
    public List<string> RedisExecuteCommands { get; set; } = [];
}
