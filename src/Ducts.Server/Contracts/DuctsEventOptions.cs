namespace Ducts;

/// <summary>Specifies where handlers are and what they may do. INI section <c>ducts.event_config</c>.</summary>
[Section("ducts.event_config", "ducts.server.config")]
public sealed class DuctsEventOptions
{
    /// <summary>Gets or sets the folder of the handler files. Default: <c>handler</c>. It need not exist.</summary>
    [Option("local path of event handlers", IsPath = true)]
    public string LocalPathHandler { get; set; } = "handler";

    /// <summary>
    /// Gets or sets the file name pattern of handler files in that folder, without a path; it ends in <c>.cs</c> or
    /// <c>*</c>. Default: <c>evt_*.cs</c>.
    /// </summary>
    [Option("pattern of the names of handler files")]
    public string PluginFilenamePattern { get; set; } = "evt_*.cs";

    /// <summary>
    /// Gets or sets the lowest id that an application's event may have. Default: 1000. Range: 1000 to 2147483647; lower ids
    /// are reserved for the protocol. Raise it to reserve a range for events that several servers share.
    /// </summary>
    [Option("lowest id of a user's event", Min = 1000, Max = 2147483647)]
    public int MinUserHandlerId { get; set; } = 1000;

    /// <summary>
    /// Gets or sets the time between two items of ALIVE_MONITORING, with which clients measure the connection. Default: 5
    /// seconds. Range: 0.001 seconds to 1 day. Lower it to notice a slow connection sooner; each item is a message to
    /// each client that requested them.
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
    /// Gets or sets whether a handler that cannot be loaded, or an unknown option in an INI file, makes the start fail
    /// instead of only being logged. Default: false. Set it where an incomplete deployment must not start.
    /// </summary>
    [Option("whether a handler that cannot be loaded, or an unknown option, fails the start")]
    public bool Strict { get; set; }

    /// <summary>
    /// Gets or sets whether the server sends the messages of unexpected exceptions to clients. Default: false, because they may
    /// contain secrets; clients then receive a reference that is also in the log. Use it while developing.
    /// </summary>
    [Option("whether clients are told the messages of unexpected exceptions")]
    public bool DetailedErrors { get; set; }

    /// <summary>
    /// Gets or sets the Redis commands that clients may run through the events REDIS_EXECUTE and EVENT. Default: none.
    /// Name only commands that any client may run on any key.
    /// </summary>
    [Option("redis commands that clients may run through REDIS_EXECUTE and EVENT")]
    public List<string> RedisExecuteCommands { get; set; } = [];

    /// <summary>
    /// Gets or sets the patterns of the keys that REDIS_EXECUTE and EVENT may use, such as <c>public:*</c>: <c>*</c> stands for any
    /// characters, <c>?</c> for one. Default: none, which allows all keys. A command is refused if it names a key that no pattern
    /// matches.
    /// </summary>
    [Option("patterns of the keys that REDIS_EXECUTE and EVENT may use; empty: all")]
    public List<string> RedisExecuteKeys { get; set; } = [];

    /// <summary>
    /// Gets or sets whether the event LOGGING writes what clients send to the server's log, up to 8 KiB of each request.
    /// Default: false, because any client may call it; the request is answered and nothing is written.
    /// </summary>
    [Option("whether LOGGING writes what clients send to the log")]
    public bool ClientLogging { get; set; }

    /// <summary>
    /// Gets or sets how many lines a second all clients together write by LOGGING; one session writes at most a tenth of
    /// them. Default: 100. Range: 1 to 1000000. What is more is dropped, with a line in the log that says so.
    /// </summary>
    [Option("lines a second that all clients write by LOGGING, a session a tenth of them", Min = 1, Max = 1000000)]
    public int ClientLoggingRate { get; set; } = 100;
}
