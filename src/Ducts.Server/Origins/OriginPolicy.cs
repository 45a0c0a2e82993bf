using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Ducts.Origins;

/// <summary>
/// Decides which pages may reach the server from a browser: its own, and those of <c>allowed_origins</c>. Requests
/// without an Origin header are none of a page and pass.
/// </summary>
internal sealed class OriginPolicy(IOptions<DuctsOptions> options)
{
    private readonly HashSet<string> _allowed =
        new(options.Value.Auth.AllowedOrigins.Select(static origin => origin.Trim().TrimEnd('/')), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether any origin may.</summary>
    public bool AllowsAny => _allowed.Contains("*");

    /// <summary>Whether the request may open a WebSocket.</summary>
    public bool IsAllowed(HttpContext context)
    {
        var origins = context.Request.Headers.Origin;
        return origins.Count switch
        {
            0 => true,
            1 => AllowsAny || IsListed(origins[0]!) || IsOwn(origins[0]!, context.Request.Host),
            _ => false,
        };
    }

    /// <summary>Whether the configuration names the origin.</summary>
    public bool IsListed(string origin) => _allowed.Contains(origin);

    /// <summary>
    /// Whether an origin is the host that the request was made to. Schemes are not compared: behind a proxy that ends
    /// TLS and is not configured as trusted, the server's own scheme is not the page's.
    /// </summary>
    private static bool IsOwn(string origin, HostString host)
    {
        if (!host.HasValue || !Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            return false;
        // A page's origin has no path; whatever has one was not written by a browser.
        if (uri.Scheme is not ("http" or "https") || uri.AbsolutePath != "/" || uri.UserInfo.Length > 0)
            return false;
        var defaultPort = uri.Scheme == "https" ? 443 : 80;
        return string.Equals(uri.Host, host.Host, StringComparison.OrdinalIgnoreCase) && uri.Port == (host.Port ?? defaultPort);
    }
}
