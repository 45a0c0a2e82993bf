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
    /// Gets or sets the length in bytes of the longest query string that service discovery accepts; a longer one gets status
    /// 414. Default: 2048. Range: 64 to 65536; Kestrel's own limit of a request line, 8 KiB unless changed, holds too. The ticket
    /// in Redis holds the parameters of each discovery until it expires: raise it only as far as your clients need.
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

    /// <summary>
    /// Gets or sets the address of the OpenID Connect provider whose bearer tokens the <c>ducts</c> command accepts, such as
    /// <c>https://login.example.org/tenant</c>. Default: empty, for none. It must be an https address, or http on this machine. Needs
    /// <see cref="Audience"/>. Hosted applications add authentication in code instead.
    /// </summary>
    [Option("address of the OpenID Connect provider whose bearer tokens are accepted")]
    public string Authority { get; set; } = "";

    /// <summary>
    /// Gets or sets the audience that bearer tokens must be issued for. Default: empty, which is allowed only with
    /// <see cref="SigningKey"/> and accepts any.
    /// </summary>
    [Option("audience that bearer tokens must be issued for")]
    public string Audience { get; set; } = "";

    /// <summary>
    /// Gets or sets the secret of at least 32 bytes with which bearer tokens are signed (HS256) that the <c>ducts</c> command
    /// accepts, and with which <c>ducts token</c> signs. Default: empty, for none. Prefer the environment variable
    /// <c>DUCTS_AUTH__SIGNING_KEY</c> to a file that others read.
    /// </summary>
    [Option("secret of at least 32 bytes with which accepted bearer tokens are signed")]
    public string SigningKey { get; set; } = "";

    /// <summary>
    /// Gets or sets whether events and Web APIs whose handlers say nothing of authorization need an authenticated user. Default:
    /// false. Set it where a handler that somebody forgot to mark must not be open to everybody; mark those that are open with
    /// <c>[AllowAnonymous]</c>.
    /// </summary>
    [Option("whether events and Web APIs that are not marked need an authenticated user")]
    public bool AuthorizeByDefault { get; set; }

    /// <summary>
    /// Gets or sets how long a session goes on after its user's authentication has expired, so that its client can authenticate
    /// again. Default: 30 seconds. Range: 0 to 1 hour. Until then only AUTHENTICATE and CANCEL are served, requests that run go on;
    /// afterwards the session ends with close code 4401.
    /// </summary>
    [Option("seconds that a session has to authenticate again when its user's authentication has expired", Min = 0, Max = 3600)]
    public TimeSpan AuthGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the query parameters of service discovery that are written to the records of sessions in Redis
    /// (<see cref="StreamKeyForSessionOpened"/>, <see cref="StreamKeyForSessionClosed"/>). Default: none, because they may be
    /// personal. Handlers see all of them in any case, in <see cref="IEventSession.Query"/>.
    /// </summary>
    [Option("query parameters of service discovery that are written to the records of sessions in Redis")]
    public List<string> KeepQuery { get; set; } = [];

    /// <summary>Returns the key that a session to be has in Redis until it expires.</summary>
    internal string TicketKeyOf(string streamId) => $"{StreamKeyForSessionOpened}/TICKET/{streamId}";
}
