using Ducts.Configuration;

namespace Ducts;

/// <summary>Section <c>web_socket_server</c>.</summary>
[Section("web_socket_server", "ducts.server.config")]
public sealed class WebSocketServerOptions
{
    /// <summary>No frame is larger than 1 MiB in any case; a piece leaves room for the message around it.</summary>
    internal const int MaxPiece = (1024 * 1024) - 1024;

    /// <summary>Seconds of silence after which a ping is sent; after two unanswered ones the socket is lost.</summary>
    [Option("seconds of silence after which a ping is sent", Min = 0.001, Max = 86400, Unit = "seconds")]
    public double PingPongInterval { get; set; } = 3;

    /// <summary>Seconds a session waits for a new socket.</summary>
    [Option("seconds a session waits for a new socket", Min = 0, Max = 604800, Unit = "seconds")]
    public double ReconnectTimeout { get; set; } = 60;

    /// <summary>Bytes of the largest message accepted; a larger one closes with 1009.</summary>
    [Option("bytes of the largest message accepted", Min = 16, Max = 1073741824, Unit = "bytes")]
    public int MaxMessageSize { get; set; } = 8 * 1024 * 1024;

    /// <summary>Unanswered requests of one session above which its socket is not read.</summary>
    [Option("unanswered requests of one session above which its socket is not read", Min = 1, Max = 1000000, Unit = "requests")]
    public int MaxInflight { get; set; } = 1024;

    /// <summary>Malformed messages after which a session is closed with 1008.</summary>
    [Option("malformed messages after which a session is closed", Min = 0, Max = 1000000, Unit = "messages")]
    public int MalformedLimit { get; set; } = 16;

    /// <summary>Bytes queued for one session above which its streams pause.</summary>
    [Option("bytes queued for one session above which its streams pause", Min = 1024, Max = 1073741824, Unit = "bytes")]
    public int OutboxLimit { get; set; } = 4 * 1024 * 1024;

    /// <summary>Bytes of a message above which it is divided, and of each piece.</summary>
    [Option("bytes of a message above which it is divided, and of each piece", Min = 16, Max = MaxPiece, Unit = "bytes")]
    public int DivideThreshold { get; set; } = 512 * 1024;

    /// <summary>Seconds after which a socket whose peer takes no byte is cut; its session then waits for a new one.</summary>
    [Option("seconds after which a socket whose peer takes no byte is cut", Min = 0.001, Max = 604800, Unit = "seconds")]
    public double StallTimeout { get; set; } = 300;

    /// <summary>Seconds that running requests have when the server stops.</summary>
    [Option("seconds that running requests have when the server stops", Min = 0, Max = 3600, Unit = "seconds")]
    public double ShutdownTimeout { get; set; } = 10;

    /// <summary>Levels of nesting accepted in a message.</summary>
    [Option("levels of nesting accepted in a message", Min = 1, Max = 512, Unit = "levels")]
    public int MaxDepth { get; set; } = 64;
}
