namespace Ducts;

/// <summary>Specifies the timeouts and limits of sessions and their WebSockets. INI section <c>web_socket_server</c>.</summary>
[Section("web_socket_server", "ducts.server.config")]
public sealed class DuctsWebSocketOptions
{
    /// <summary>No frame is larger than 1 MiB in any case; a piece leaves room for the message around it.</summary>
    internal const int MaxPiece = (1024 * 1024) - 1024;

    /// <summary>
    /// Gets or sets how long a connection may be silent before its client is asked whether it is there, and how long each answer may
    /// take; after two unanswered ones the connection counts as lost. On Linux, where the server has the client's TCP connection to
    /// itself, the systems ask and answer (TCP keep-alive, in whole seconds), and pings follow <see cref="IdlePingInterval"/>; with
    /// TLS or HTTP/2 the server sends pings. Default: 3 seconds. Range: 0.001 seconds to 1 day. Raise it for clients on slow networks
    /// or battery power; lower it to notice sooner that a client is gone.
    /// </summary>
    [Option("seconds of silence after which a client is asked whether it is there", Min = 0.001, Max = 86400)]
    public TimeSpan PingPongInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Gets or sets how long a connection may be silent before the server sends a ping where the systems ask each other already, see
    /// <see cref="PingPongInterval"/>: it finds clients that are gone behind a proxy, and keeps proxies from closing the connection.
    /// Default: 25 seconds. Range: 0.001 seconds to 1 day; no ping is sent before <see cref="PingPongInterval"/> has passed, either.
    /// Lower it below the idle timeout of a proxy that has a shorter one.
    /// </summary>
    [Option("seconds of silence after which a ping is sent where TCP keep-alive finds lost clients", Min = 0.001, Max = 86400)]
    public TimeSpan IdlePingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// Gets or sets how long a session without a connection waits for a new one before it ends. Default: 60 seconds.
    /// Range: 0 seconds to 7 days. Raise it for clients that are often unreachable; what is sent to them meanwhile
    /// takes memory, at most <see cref="OutboxLimit"/> of streams and all replies.
    /// </summary>
    [Option("seconds a session waits for a new socket", Min = 0, Max = 604800)]
    public TimeSpan ReconnectTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Gets or sets how long a hook of a handler, such as <see cref="DuctsHandler.HandleConnectedAsync"/>, and its <c>Setup</c> may
    /// take. Default: 30 seconds. Range: 0.001 seconds to 1 day. The token of a hook that takes longer is cancelled, and the server
    /// no longer waits for it; when the server stops, hooks have the rest of <see cref="ShutdownTimeout"/>. Raise it for
    /// handlers that load much at start.
    /// </summary>
    [Option("seconds that a hook of a handler may take", Min = 0.001, Max = 86400)]
    public TimeSpan HookTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the size in bytes of the largest message accepted from a client; a larger one closes the connection
    /// with code 1009. Default: 8388608 (8 MiB). Range: 16 to 1073741824 (1 GiB). Raise it for uploads in a single message;
    /// each client can make the server allocate that much.
    /// </summary>
    [Option("bytes of the largest message accepted", Min = 16, Max = 1073741824, Unit = "bytes")]
    public int MaxMessageSize { get; set; } = 8 * 1024 * 1024;

    /// <summary>
    /// Gets or sets the number of requests of one session that may run at a time; further ones wait in the order in which they
    /// came, and nothing is dropped. Streams do not count, see <see cref="MaxStreams"/>. Default: 1024. Range: 1 to 1000000. Lower
    /// it to limit what one client can have running.
    /// </summary>
    [Option("requests of one session that may run at a time", Min = 1, Max = 1000000, Unit = "requests")]
    public int MaxInflight { get; set; } = 1024;

    /// <summary>
    /// Gets or sets the number of streams that one session may have open; a further one gets an error. Default: 1024. Range: 1
    /// to 1000000. Raise it for clients that subscribe to more than that.
    /// </summary>
    [Option("streams that one session may have open", Min = 1, Max = 1000000, Unit = "streams")]
    public int MaxStreams { get; set; } = 1024;

    /// <summary>
    /// Gets or sets the number of groups that one session may be in; joining a further one is an error
    /// (<see cref="GroupLimitException"/>). Default: 1000. Range: 1 to 1000000. Raise it where sessions are in a group for each thing
    /// that they show; each takes a few hundred bytes.
    /// </summary>
    [Option("groups that one session may be in", Min = 1, Max = 1000000, Unit = "groups")]
    public int MaxGroups { get; set; } = 1000;

    /// <summary>
    /// Gets or sets the number of bytes of one session's requests that may wait or run; beyond it, its connection is not read
    /// until some have ended. Below it the connection is always read, so that cancelling, pings and the client's close are noticed
    /// at once. A message that is larger is still accepted, one at a time. Default: 16777216 (16 MiB). Range: 1024 to 1073741824
    /// (1 GiB). Lower it for many clients that send large requests to slow handlers.
    /// </summary>
    [Option("bytes of one session's requests, waiting or running, above which its socket is not read", Min = 1024, Max = 1073741824, Unit = "bytes")]
    public int InboxLimit { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// Gets or sets the number of bytes that all sessions together may take for requests, replies under way and what waits to be
    /// sent. Above it, sessions that take more than a little wait, new sessions get status 503, and sessions that wait for a
    /// reconnect are ended, the largest first; nothing of a connected session is dropped. Default: 0, which means half of the
    /// memory that the machine or the container has. Range: 0, or 16777216 (16 MiB) to 1 TiB.
    /// </summary>
    [Option("bytes that all sessions together may take; 0 for half of the memory that there is", Min = 0, Max = 1099511627776, Unit = "bytes")]
    public long MemoryLimit { get; set; }

    /// <summary>
    /// Gets or sets the number of malformed messages above which a session is closed with code 1008. Default: 16.
    /// Range: 0 to 1000000. Raise it only for clients that are known to send some.
    /// </summary>
    [Option("malformed messages after which a session is closed", Min = 0, Max = 1000000, Unit = "messages")]
    public int MalformedLimit { get; set; } = 16;

    /// <summary>
    /// Gets or sets the number of bytes of one session that are queued, or under way as divided replies, above which its streams
    /// pause and its further requests wait until the client has read some. The largest divided reply is not counted, so that it
    /// holds up no others. Default: 4194304 (4 MiB). Range: 1024 to 1073741824 (1 GiB); not below <see cref="DivideThreshold"/>.
    /// Lower it for many slow clients, raise it for fast streams over long distances.
    /// </summary>
    [Option("bytes queued for one session above which its streams pause and its requests wait", Min = 1024, Max = 1073741824, Unit = "bytes")]
    public int OutboxLimit { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// Gets or sets the size in bytes above which a message to a client is divided, and of each piece. Default: 524288
    /// (512 KiB). Range: 16 to 1047552 (1 MiB less 1 KiB). Lower it so that small messages wait less behind large ones.
    /// </summary>
    [Option("bytes of a message above which it is divided, and of each piece", Min = 16, Max = MaxPiece, Unit = "bytes")]
    public int DivideThreshold { get; set; } = 512 * 1024;

    /// <summary>
    /// Gets or sets how long a client may read nothing of what is sent to it before its connection is cut; the session then
    /// waits for a new one. Default: 300 seconds. Range: 0.001 seconds to 7 days. Raise it for clients that stop
    /// reading on purpose.
    /// </summary>
    [Option("seconds after which a socket whose peer takes no byte is cut", Min = 0.001, Max = 604800)]
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(300);

    /// <summary>
    /// Gets or sets how long a connection of version 2 may take to say which session it is for; it is closed with code 1002 then.
    /// Default: 5 seconds. Range: 0.001 seconds to 1 hour. Raise it for clients behind very slow links.
    /// </summary>
    [Option("seconds that a connection has for its first message", Min = 0.001, Max = 3600)]
    public TimeSpan HelloTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets what a client of version 1 is sent again when it reconnects. Default: <see cref="ResendMode.Unconfirmed"/>, which
    /// may give it a message twice that it had received right before its connection was lost; of bytes, its request gets an error
    /// instead. Choose <see cref="ResendMode.None"/> for clients that do something wrong with a repetition. Clients of version 2 miss
    /// nothing and get nothing twice, whatever this is.
    /// </summary>
    [Option("what clients of version 1 are sent again when they reconnect")]
    public ResendMode Resend { get; set; } = ResendMode.Unconfirmed;

    /// <summary>
    /// Gets or sets how long a connection may be over <see cref="OutboxLimit"/> without anything getting through: neither a
    /// confirmation of its client nor, while more is to be written, bytes that the client's system takes. It is cut then, and the session
    /// waits for a reconnect; when that happens twice running, the session ends with code 4002. Where the server does not read a client
    /// of version 1 because of <see cref="InboxLimit"/>, it is not expected to confirm. Default: 30 seconds. Range: 0.001 seconds to 7 days.
    /// </summary>
    [Option("seconds without a receipt after which a connection over outbox_limit is cut", Min = 0.001, Max = 604800)]
    public TimeSpan ReceiptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets how long running requests may continue when the server stops before they are cancelled. Default: 10
    /// seconds. Range: 0 seconds to 1 hour. Keep it below the stop timeout of the service manager or container.
    /// </summary>
    [Option("seconds that running requests have when the server stops", Min = 0, Max = 3600)]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets how deep arrays and maps of a message may be nested. Default: 64. Range: 1 to 512. Raise it for
    /// data that is nested deeper, such as trees.
    /// </summary>
    [Option("levels of nesting accepted in a message", Min = 1, Max = 512, Unit = "levels")]
    public int MaxDepth { get; set; } = 64;
}
