using Ducts.Configuration;

namespace Ducts;

/// <summary>Section <c>ducts.auth_config</c>.</summary>
[Section("ducts.auth_config", "ducts.server.config")]
public sealed class AuthOptions
{
    /// <summary>Redis stream that gets an entry per discovery call.</summary>
    [Option("redis stream that gets an entry per opened session")]
    public string StreamKeyForSessionOpened { get; set; } = "SESSION/2020";

    /// <summary>Redis stream that gets an entry per ended session.</summary>
    [Option("redis stream that gets an entry per closed session")]
    public string StreamKeyForSessionClosed { get; set; } = "SESSION/CLOSED";

    /// <summary>About how many entries both streams keep.</summary>
    [Option("about how many entries both streams keep", Min = 1, Max = 2147483647, Unit = "entries")]
    public int SessionStreamMaxLength { get; set; } = 100000;

    /// <summary>Seconds within which a discovery answer must be used.</summary>
    [Option("seconds within which a discovery answer must be used", Min = 0.001, Max = 31536000, Unit = "seconds")]
    public double SessionTtl { get; set; } = 3600;

    /// <summary>Origins besides the server's own that may open WebSockets and call Web APIs from pages; <c>*</c> for any.</summary>
    [Option("origins of pages, besides the server's own, that may use it")]
    public List<string> AllowedOrigins { get; set; } = [];
}
