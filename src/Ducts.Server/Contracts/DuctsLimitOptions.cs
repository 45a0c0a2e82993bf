namespace Ducts;

/// <summary>Specifies how much one session, user or address may use. INI section <c>ducts.limit_config</c>.</summary>
[Section("ducts.limit_config", "ducts.server.config")]
public sealed class DuctsLimitOptions
{
    /// <summary>
    /// Gets or sets how many requests a second each session may send, and each signed-in user with all sessions together. Default: 0,
    /// for no limit. Range: 0 to 1000000. A request beyond it gets <c>RuntimeError('too many requests, retry after … s')</c> and does
    /// not run; Web APIs of a signed-in user get status 429. CANCEL and AUTHENTICATE are not counted.
    /// </summary>
    [Option("requests a second of each session, and of each signed-in user; 0 for no limit", Min = 0, Max = 1000000, Unit = "requests")]
    public double RequestsPerSecond { get; set; }

    /// <summary>
    /// Gets or sets how many requests a session or user may send at once after a pause. Default: 0, which means twice
    /// <see cref="RequestsPerSecond"/>. Range: 0 to 1000000.
    /// </summary>
    [Option("requests that a session or user may send at once after a pause; 0 for twice the rate", Min = 0, Max = 1000000, Unit = "requests")]
    public int Burst { get; set; }

    /// <summary>
    /// Gets or sets how many requests a second all sessions and Web API calls of one address may send together; at once, twice as
    /// many. Default: 0, for no limit, because many users may share an address. Range: 0 to 1000000. IPv6 addresses count by their
    /// network of 64 bits. Behind a proxy, set <see cref="DuctsServerOptions.BehindNginx"/>, or all clients count as one.
    /// </summary>
    [Option("requests a second of each address; 0 for no limit", Min = 0, Max = 1000000, Unit = "requests")]
    public double RequestsPerSecondOfAddress { get; set; }

    /// <summary>
    /// Gets or sets how many sessions one signed-in user may have open. Default: 0, for no limit. Range: 0 to 1000000. The WebSocket
    /// of a further one gets status 429.
    /// </summary>
    [Option("open sessions of each signed-in user; 0 for no limit", Min = 0, Max = 1000000, Unit = "sessions")]
    public int SessionsPerUser { get; set; }

    /// <summary>
    /// Gets or sets how many sessions one address may have open. Default: 0, for no limit, because many users may share an address.
    /// Range: 0 to 1000000. IPv6 addresses count by their network of 64 bits. The WebSocket of a further one gets
    /// status 429, and so does service discovery of a client without a user.
    /// </summary>
    [Option("open sessions of each address; 0 for no limit", Min = 0, Max = 1000000, Unit = "sessions")]
    public int SessionsPerAddress { get; set; }

    /// <summary>
    /// Gets or sets how many service discoveries of one address are answered in a second; further ones get status 429 and the
    /// time after which to ask again. IPv6 addresses count by their network of 64 bits. Default: 50. Range: 0, for no limit,
    /// to 1000000. Raise it where very many clients share one address. Behind a proxy, set
    /// <see cref="DuctsServerOptions.BehindNginx"/>, or all clients count as one.
    /// </summary>
    [Option("service discoveries of one address that are answered in a second; 0 for no limit", Min = 0, Max = 1000000, Unit = "discoveries")]
    public double DiscoveryPerSecond { get; set; } = 50;

    /// <summary>
    /// Gets or sets how many service discoveries of one address are answered at once, after a time in which it asked for none.
    /// Default: 1000, so that all clients of a large office can come back after a restart. Range: 1 to 1000000.
    /// </summary>
    [Option("service discoveries of one address that are answered at once after a pause", Min = 1, Max = 1000000, Unit = "discoveries")]
    public int DiscoveryBurst { get; set; } = 1000;
}
