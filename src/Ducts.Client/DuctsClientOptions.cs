using Ducts.MessagePack;

namespace Ducts.Client;

/// <summary>Specifies the options of a <see cref="DuctsClient"/>.</summary>
public sealed class DuctsClientOptions
{
    /// <summary>Gets or sets the options by which values are packed and unpacked.</summary>
    public PackSerializerOptions Serializer { get; set; } = PackSerializerOptions.Default;

    /// <summary>Gets additional query parameters of service discovery; handlers find them in the session's query.</summary>
    public IDictionary<string, string> Query { get; } = new Dictionary<string, string>();

    /// <summary>
    /// Gets the headers of service discovery and of the WebSocket handshake, such as <c>Cookie</c>. A token that expires belongs into
    /// <see cref="AccessTokenProvider"/>: an <c>Authorization</c> header given here is never renewed.
    /// </summary>
    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>();

    /// <summary>
    /// Gets or sets the function that returns the access token of the user, called anew for each service discovery: for each session, and to renew the user's rights
    /// before they expire. The token is sent as <c>Authorization: Bearer</c> with service discovery only; the session remembers the user. Null or an empty string: no
    /// token is sent. A call may take as long as <see cref="ConnectTimeout"/>; its cancellation token is canceled then. Default: null.
    /// </summary>
    public Func<CancellationToken, ValueTask<string?>>? AccessTokenProvider { get; set; }

    /// <summary>
    /// Gets or sets a function that may change each HTTP request of the client before it is sent: those of service discovery and of WebSocket handshakes. Default: null.
    /// </summary>
    public Action<HttpRequestMessage>? ConfigureRequest { get; set; }

    /// <summary>Gets or sets the HTTP handler of service discovery and handshakes, for example for proxies and certificates. The client does not dispose it. Default: null, the client creates its own.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Gets or sets the timeout of service discovery, and of each handshake. Default: 30 seconds.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets how long <see cref="DuctsClient.ConnectAsync"/> keeps trying while the server, or a proxy before it, responds that it cannot serve now
    /// (status 408, 429 or 5xx, or in version 2 of the protocol a close code that says so). Zero: it does not. Every other failure is thrown at once. Default: 60 seconds.
    /// </summary>
    public TimeSpan OpenTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets whether the client calls ALIVE_MONITORING, which provides <see cref="DuctsClient.TimeOffset"/> and <see cref="DuctsClient.Latency"/>. Default: true.</summary>
    public bool AliveMonitoring { get; set; } = true;

    /// <summary>
    /// Gets or sets whether the client reconnects after it lost the connection, and opens a new session when the server has ended the old one. Default: true.
    /// </summary>
    public bool Reconnect { get; set; } = true;

    /// <summary>
    /// Gets or sets the delay before the first attempt to reconnect; it doubles with each further attempt. A Retry-After header of the server, up to
    /// 5 minutes, is waited for, too. Default: 0.1 seconds.
    /// </summary>
    public TimeSpan ReconnectMinDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Gets or sets the longest delay between attempts to reconnect. Default: 5 seconds.</summary>
    public TimeSpan ReconnectMaxDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets how long the client tries to get a connection back, with the same session or a new one, before it gives up and closes.
    /// Default: <see cref="Timeout.InfiniteTimeSpan"/>, it does not give up.
    /// </summary>
    public TimeSpan ReconnectTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Gets or sets how long the connection may be silent before the client sends a ping. Default: 10 seconds.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long the answer to a ping may take before the connection counts as lost. Default: 10 seconds.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets the size in bytes of the largest message accepted, also when it is divided. Default: 536870912 (512 MiB).</summary>
    public int MaxMessageSize { get; set; } = 512 * 1024 * 1024;

    /// <summary>Gets or sets how long closing waits for the server, also for a connection to it that was lost, before the client goes without a word. Default: 5 seconds.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets how many items of a stream the server may send before the application has read them. A server that speaks version 2 of the protocol pauses the
    /// stream then, and only that one, so that a reader that stops bounds the memory it takes; older servers do not. Default: 256.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int StreamWindow
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 256;

    /// <summary>Gets or sets the clock. Default: the system's clock.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Gets whether the server is always given the same credentials, so that asking anew brings no new rights.</summary>
    internal bool HasFixedCredentials =>
        AccessTokenProvider is null && Headers.Keys.Any(static name => name.Equals("Authorization", StringComparison.OrdinalIgnoreCase));
}
