namespace Ducts;

/// <summary>Specifies who may connect and how sessions are recorded. INI section <c>ducts.auth_config</c>.</summary>
[Section("ducts.auth_config", "ducts.server.config")]
public sealed class DuctsAuthOptions
{
    /// <summary>
    /// Gets or sets the key of the Redis stream that gets an entry for each session that service discovery opens.
    /// Default: <c>SESSION/2020</c>. Change it to keep servers that share a Redis apart.
    /// </summary>
    [Option("redis stream that gets an entry per opened session")]
    public string StreamKeyForSessionOpened { get; set; } = "SESSION/2020";

    /// <summary>
    /// Gets or sets the key of the Redis stream that gets an entry for each session that ends. Default:
    /// <c>SESSION/CLOSED</c>. Change it to keep servers that share a Redis apart.
    /// </summary>
    [Option("redis stream that gets an entry per closed session")]
    public string StreamKeyForSessionClosed { get; set; } = "SESSION/CLOSED";

    /// <summary>
    /// Gets or sets the approximate number of entries that each of the two streams keeps; Redis removes the oldest. Default: 100000.
    /// Range: 1 to 2147483647. Raise it to look further back, lower it to save Redis memory.
    /// </summary>
    [Option("about how many entries both streams keep", Min = 1, Max = 2147483647, Unit = "entries")]
    public int SessionStreamMaxLength { get; set; } = 100000;

    /// <summary>
    /// Gets or sets how long after the service discovery reply a client may open the session's first WebSocket. Default:
    /// 1 hour (INI: 3600 seconds). Range: 0.001 seconds to 365 days. Lower it so that a leaked reply soon becomes
    /// worthless; raise it where clients keep the reply and connect much later. Redis itself lets the reply expire, by its
    /// own clock.
    /// </summary>
    [Option("seconds within which a discovery answer must be used", Min = 0.001, Max = 31536000)]
    public TimeSpan SessionTtl { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Gets or sets how many service discoveries of one address are answered in a minute; further ones get status 429 and the
    /// time after which to ask again. IPv6 addresses count by their network of 64 bits. Default: 600. Range: 0, for no limit,
    /// to 1000000. Raise it where very many clients share one address. Behind a proxy, set
    /// <see cref="DuctsServerOptions.BehindNginx"/>, or all clients count as one.
    /// </summary>
    [Option("service discoveries of one address that are answered in a minute; 0 for no limit", Min = 0, Max = 1000000, Unit = "discoveries")]
    public int DiscoveryLimit { get; set; } = 600;

    /// <summary>
    /// Gets or sets how many service discoveries of one address are answered at once, after a time in which it asked for none.
    /// Default: 1000, so that all clients of a large office can come back after a restart. Range: 1 to 1000000.
    /// </summary>
    [Option("service discoveries of one address that are answered at once after a pause", Min = 1, Max = 1000000, Unit = "discoveries")]
    public int DiscoveryBurst { get; set; } = 1000;

    /// <summary>
    /// Gets or sets the length in bytes of the longest query string that service discovery accepts; a longer one gets status
    /// 414. Default: 2048. Range: 64 to 65536; Kestrel's own limit of a request line, 8 KiB unless changed, holds too. Redis keeps
    /// the parameters of each discovery twice: raise it only as far as your clients need.
    /// </summary>
    [Option("bytes of the longest query of a service discovery", Min = 64, Max = 65536, Unit = "bytes")]
    public int DiscoveryQueryLimit { get; set; } = 2048;

    /// <summary>
    /// Gets or sets the origins, in addition to the server's own, whose pages may open WebSockets and call Web APIs:
    /// <c>scheme://host</c> or <c>scheme://host:port</c> without a path, or <c>*</c> for any. Default: none. Add the
    /// origin of each page that another server delivers. A WebSocket that only <c>*</c> admits has no user.
    /// </summary>
    [Option("origins of pages, besides the server's own, that may use it")]
    public List<string> AllowedOrigins { get; set; } = [];

    /// <summary>
    /// Gets or sets the host names by which the server may be asked: names, IP addresses, <c>*.example.org</c> for all
    /// names below a domain, or <c>*</c> for any; without a port. <c>localhost</c> is always allowed within a private
    /// network. Default: none, which allows any name except to clients in a private network that ask without TLS and
    /// not through a proxy: these may use IP addresses, names without a dot, the machine's own name, and names below
    /// <c>.local</c>, <c>.lan</c>, <c>.internal</c>, <c>.home.arpa</c>, <c>.localhost</c> and <c>.test</c>. Add the name
    /// by which pages reach a server in a private network.
    /// </summary>
    [Option("host names by which the server may be asked; none: see the guide, [\"*\"]: any")]
    public List<string> AllowedHosts { get; set; } = [];

    /// <summary>Returns the key that a session to be has in Redis until it expires.</summary>
    internal string TicketKeyOf(string streamId) => $"{StreamKeyForSessionOpened}/TICKET/{streamId}";
}
