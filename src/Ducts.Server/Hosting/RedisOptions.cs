namespace Ducts;

/// <summary>Section <c>ducts.redis_config</c>.</summary>
public sealed class RedisOptions
{
    internal const string DefaultUri = "redis://localhost:6379/0?encoding=utf-8";

    /// <summary>Where Redis is.</summary>
    public string RedisUriMain { get; set; } = DefaultUri;

    /// <summary><c>auto</c>: start a redis-server where the URI is the default one and nothing listens there; <c>always</c>; <c>never</c>.</summary>
    public string RedisEmbedded { get; set; } = "auto";

    /// <summary>Seconds that a command may take, waiting for the connection included.</summary>
    public double RedisCommandTimeout { get; set; } = 5;
}
