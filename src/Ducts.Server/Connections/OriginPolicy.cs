using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Ducts.Connections;

/// <summary>
/// Decides which origins may use the server: its own, and those that <c>allowed_origins</c> lists. WebSockets ask it
/// directly, CORS asks it through the policies named Ducts.
/// </summary>
internal sealed class OriginPolicy(IOptions<DuctsOptions> options)
{
    private readonly HashSet<string> _listed = new(options.Value.Auth.AllowedOrigins.Select(Normalize), StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets whether the list has <c>*</c>, which allows every origin.</summary>
    public bool AllowsAny => _listed.Contains("*");

    /// <summary>Gets whether some origins are treated otherwise than others.</summary>
    public bool DiffersByOrigin => !AllowsAny || _listed.Count > 1;

    /// <summary>Returns whether the request may open a WebSocket. One without an Origin header is not a browser's and may.</summary>
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

    /// <summary>Returns whether the list names the origin itself.</summary>
    public bool IsListed(string origin) => origin != "*" && _listed.Contains(Normalize(origin));

    /// <summary>
    /// Returns whether an origin is the host that the request was made to. Schemes are not compared: behind a proxy that
    /// ends TLS and is not configured as trusted, the server's own scheme is not the page's.
    /// </summary>
    private static bool IsOwn(string origin, HostString host)
    {
        if (!host.HasValue || Parse(origin) is not { Scheme: "http" or "https" or "ws" or "wss" } uri)
        {
            return false;
        }

        var defaultPort = uri.Scheme is "https" or "wss" ? 443 : 80;
        return string.Equals(uri.Host, host.Host, StringComparison.OrdinalIgnoreCase) && uri.Port == (host.Port ?? defaultPort);
    }

    // Some clients, such as Starscream, send the WebSocket's own address as its origin: ws://host:port.
    private static string Normalize(string origin)
    {
        origin = origin.Trim().TrimEnd('/');
        if (Parse(origin) is not { } uri)
        {
            return origin;
        }

        var scheme = uri.Scheme switch { "ws" => "http", "wss" => "https", var other => other };
        return uri.IsDefaultPort ? $"{scheme}://{uri.Host}" : $"{scheme}://{uri.Host}:{uri.Port}";
    }

    // An origin has neither path nor user; whatever has one was not written by a browser.
    private static Uri? Parse(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.PathAndQuery is "/" or "" && uri.Fragment.Length == 0
            ? uri
            : null;
}
