namespace Ducts;

/// <summary>Section <c>web_socket_server</c>.</summary>
public sealed class WebSocketServerOptions
{
    /// <summary>Seconds of silence after which a ping is sent; after two unanswered ones the socket is lost.</summary>
    public double PingPongInterval { get; set; } = 3;

    /// <summary>Seconds a session waits for a new socket.</summary>
    public double ReconnectTimeout { get; set; } = 60;

    /// <summary>Bytes of the largest message accepted; a larger one closes with 1009.</summary>
    public int MaxMessageSize { get; set; } = 8 * 1024 * 1024;

    /// <summary>Unanswered requests of one session above which its socket is not read.</summary>
    public int MaxInflight { get; set; } = 1024;

    /// <summary>Malformed messages after which a session is closed with 1008.</summary>
    public int MalformedLimit { get; set; } = 16;

    /// <summary>Bytes queued for one session above which its streams pause.</summary>
    public int OutboxLimit { get; set; } = 4 * 1024 * 1024;

    /// <summary>Bytes of a message above which it is divided, and of each piece.</summary>
    public int DivideThreshold { get; set; } = 512 * 1024;

    /// <summary>Seconds after which a socket whose peer takes no byte is cut; its session then waits for a new one.</summary>
    public double StallTimeout { get; set; } = 300;

    /// <summary>Seconds that running requests have when the server stops.</summary>
    public double ShutdownTimeout { get; set; } = 10;

    /// <summary>Levels of nesting accepted in a message.</summary>
    public int MaxDepth { get; set; } = 64;
}
