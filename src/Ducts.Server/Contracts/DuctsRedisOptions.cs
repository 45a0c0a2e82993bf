using System.Text.Json.Serialization;

namespace Ducts;

/// <summary>Specifies the connection to Redis. INI section <c>ducts.redis_config</c>.</summary>
[Section("ducts.redis_config", "ducts.redis.config")]
public sealed class DuctsRedisOptions
{
    internal const string DefaultUri = "redis://localhost:6379/0?encoding=utf-8";

    /// <summary>
    /// Gets or sets the URI of the Redis server: <c>redis://host:port/db</c>, <c>rediss://host:port/db</c> for TLS, or
    /// <c>unix:///path/to/socket</c>; user and password go before the host. Default:
    /// <c>redis://localhost:6379/0?encoding=utf-8</c>.
    /// </summary>
    [Option("uri of the redis server")]
    public string RedisUriMain { get; set; } = DefaultUri;

    /// <summary>
    /// Gets or sets whether the server starts a redis-server of its own, with its data in <c>.redis</c> below
    /// <c>ducts_home</c>. Default: <see cref="EmbeddedRedisMode.Auto"/>. Set <see cref="EmbeddedRedisMode.Never"/> in
    /// production, so that an unreachable Redis is reported as an error instead of being replaced by an empty database.
    /// </summary>
    [Option("whether a redis-server is started: auto (where none listens at the default uri), always, never")]
    public EmbeddedRedisMode RedisEmbedded { get; set; }

    /// <summary>
    /// Gets or sets the timeout of a command, including the wait for the connection. Default: 5
    /// seconds. Range: 0.01 seconds to 1 hour. Raise it for slow scripts or a distant Redis.
    /// </summary>
    [Option("seconds that a command may take", Min = 0.01, Max = 3600)]
    public TimeSpan RedisCommandTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets how long a start waits for a Redis that cannot be reached yet, or still loads its data, before it fails.
    /// Default: 30 seconds. Range: 0 seconds, to try once, to 1 hour. Raise it where Redis starts together with the server and
    /// takes longer. A Redis that refuses the user or the password is not waited for, nor is an application's own multiplexer,
    /// which may connect later.
    /// </summary>
    [Option("seconds that a start waits for redis", Min = 0, Max = 3600)]
    public TimeSpan RedisStartTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>Specifies when a server starts a redis-server of its own.</summary>
public enum EmbeddedRedisMode
{
    /// <summary>Starts one if the URI is the default one and nothing listens there. INI: <c>auto</c>.</summary>
    [JsonStringEnumMemberName("auto")]
    Auto,

    /// <summary>Always starts one; the URI must be the default one. INI: <c>always</c>.</summary>
    [JsonStringEnumMemberName("always")]
    Always,

    /// <summary>Never starts one; the Redis server at the URI is used. INI: <c>never</c>.</summary>
    [JsonStringEnumMemberName("never")]
    Never,
}
