namespace Ducts;

/// <summary>Section <c>ducts.auth_config</c>.</summary>
public sealed class AuthOptions
{
    /// <summary>Redis stream that gets an entry per discovery call.</summary>
    public string StreamKeyForSessionOpened { get; set; } = "SESSION/2020";

    /// <summary>Redis stream that gets an entry per ended session.</summary>
    public string StreamKeyForSessionClosed { get; set; } = "SESSION/CLOSED";

    /// <summary>About how many entries both streams keep.</summary>
    public int SessionStreamMaxLength { get; set; } = 100000;

    /// <summary>Seconds within which a discovery answer must be used.</summary>
    public double SessionTtl { get; set; } = 3600;

    /// <summary>Origins besides the server's own that may open WebSockets and call Web APIs from pages; <c>*</c> for any.</summary>
    public List<string> AllowedOrigins { get; set; } = [];
}
