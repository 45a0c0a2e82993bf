using Ducts.Configuration;

namespace Ducts;

/// <summary>Section <c>ducts.redis_config</c>.</summary>
[Section("ducts.redis_config", "ducts.redis.config")]
public sealed class RedisOptions
{
    internal const string DefaultUri = "redis://localhost:6379/0?encoding=utf-8";

    /// <summary>Where Redis is.</summary>
    [Option("uri of the redis server")]
    public string RedisUriMain { get; set; } = DefaultUri;

    /// <summary><c>auto</c>: start a redis-server where the URI is the default one and nothing listens there; <c>always</c>; <c>never</c>.</summary>
    [Option("whether a redis-server is started: auto (where none listens at the default uri), always, never", Choices = ["auto", "always", "never"])]
    public string RedisEmbedded { get; set; } = "auto";

    /// <summary>Seconds that a command may take, waiting for the connection included.</summary>
    [Option("seconds that a command may take", Min = 0.01, Max = 3600, Unit = "seconds")]
    public double RedisCommandTimeout { get; set; } = 5;
}
