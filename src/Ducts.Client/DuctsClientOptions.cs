using Ducts.MessagePack;

namespace Ducts.Client;

/// <summary>How a client connects and what it keeps to.</summary>
public sealed class DuctsClientOptions
{
    /// <summary>How C# values are packed and unpacked.</summary>
    public PackSerializerOptions Serializer { get; set; } = PackSerializerOptions.Default;

    /// <summary>More query parameters of service discovery; handlers see them as the session's query.</summary>
    public IDictionary<string, string> Query { get; } = new Dictionary<string, string>();

    /// <summary>Headers of service discovery and of the WebSocket's handshake, such as <c>Authorization</c>.</summary>
    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>();

    /// <summary>What service discovery and handshakes go through, for proxies and certificates; null for one of the client's own.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>How long service discovery and a handshake may take. 30 s: a server that starts answers within it.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether ALIVE_MONITORING is asked for, which gives <see cref="DuctsClient.TimeOffset"/> and <see cref="DuctsClient.Latency"/>.</summary>
    public bool AliveMonitoring { get; set; } = true;

    /// <summary>Whether a lost socket is regained.</summary>
    public bool Reconnect { get; set; } = true;

    /// <summary>The pause before the first attempt to reconnect; each further one is twice as long. 0.1 s: a cut line is often back at once.</summary>
    public TimeSpan ReconnectMinDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause between attempts. 5 s: twelve attempts fit into the server's default wait.</summary>
    public TimeSpan ReconnectMaxDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long reconnecting is tried. 60 s, the server's default <c>reconnect_timeout</c>: after it the session is gone.</summary>
    public TimeSpan ReconnectTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Silence after which the server is pinged.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the answer to a ping may take before the socket counts as lost.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest message taken, also when it comes in pieces, in bytes. 512 MiB, the longest value of Redis.</summary>
    public int MaxMessageSize { get; set; } = 512 * 1024 * 1024;

    /// <summary>How long closing waits for the server's answer before it drops the socket.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
