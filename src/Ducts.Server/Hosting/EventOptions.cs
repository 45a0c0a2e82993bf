namespace Ducts;

/// <summary>Section <c>ducts.event_config</c>.</summary>
public sealed class EventOptions
{
    /// <summary>Folder of the handler files.</summary>
    public string LocalPathHandler { get; set; } = "handler";

    /// <summary>Which of its files are handlers.</summary>
    public string PluginFilenamePattern { get; set; } = "evt_*.cs";

    /// <summary>The lowest id a user's event may have.</summary>
    public int MinUserHandlerId { get; set; } = 1000;

    /// <summary>Seconds between two items of ALIVE_MONITORING.</summary>
    public double AliveMonitoringInterval { get; set; } = 5;

    /// <summary>Compile and swap in changed handler files while the server runs. Default false.</summary>
    public bool Reload { get; set; }

    /// <summary>A handler that cannot be loaded, or an unknown option, fails the start. Default false.</summary>
    public bool Strict { get; set; }

    /// <summary>Send clients the messages of unexpected exceptions. Default false, for they may hold secrets.</summary>
    public bool DetailedErrors { get; set; }

    /// <summary>Redis commands that clients may run through REDIS_EXECUTE and EVENT. Default: none.</summary>
    public List<string> RedisExecuteCommands { get; set; } = [];
}
