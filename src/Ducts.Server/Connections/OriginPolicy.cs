using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Ducts.Connections;

/// <summary>
/// Decides which pages may use the server: its own, and those of the origins that <c>allowed_origins</c> lists. WebSockets,
/// Web APIs and JSONP ask it directly, CORS asks it through the policies named Ducts.
/// </summary>
internal sealed class OriginPolicy(IOptions<DuctsOptions> options)
{
    private const string SecFetchSite = "Sec-Fetch-Site";

    private readonly FrozenSet<WebOrigin> _listed = Read(options.Value.Auth.AllowedOrigins);

    /// <summary>Gets whether the list has <c>*</c>, which allows every origin.</summary>
    public bool AllowsAny { get; } = options.Value.Auth.AllowedOrigins.Contains("*");

    /// <summary>Gets whether some origins are treated otherwise than others.</summary>
    public bool DiffersByOrigin => !AllowsAny || _listed.Count > 0;

    // What an origin gets that is neither the server's own nor listed.
    private OriginAccess Others => AllowsAny ? OriginAccess.WithoutUser : OriginAccess.Refused;

    /// <summary>Returns whether the request may open a WebSocket.</summary>
    public bool IsAllowed(HttpContext context) => OfSocket(context.Request) != OriginAccess.Refused;

    /// <summary>Returns whether the list names the origin itself.</summary>
    public bool IsListed(string origin) => WebOrigin.TryParse(origin, out var parsed) && _listed.Contains(parsed);

    /// <summary>Returns what a request for a WebSocket may do. One without an Origin header is not a browser's.</summary>
    public OriginAccess OfSocket(HttpRequest request)
    {
        var origins = request.Headers.Origin;
        return origins.Count switch
        {
            0 => OriginAccess.Full,
            1 => WebOrigin.TryParse(origins[0]!, out var origin) ? Of(origin, request) : Others,
            _ => OriginAccess.Refused,
        };
    }

    /// <summary>
    /// Returns what a request may do that changes something here. Browsers send an Origin header with each of them; what
    /// newer ones say of the page's site is believed first, for it holds behind proxies that change the host, too.
    /// </summary>
    public OriginAccess OfChange(HttpRequest request) => request.Headers[SecFetchSite].ToString() switch
    {
        "same-origin" or "none" => OriginAccess.Full,
        "" => OfSocket(request),
        _ when request.Headers.Origin.Count == 0 => Others,
        _ => OfSocket(request),
    };

    /// <summary>
    /// Returns what the page may do that loads the request as a script. Scripts come without an Origin header: newer browsers
    /// say whether the page is of the same origin, others name the page, unless the page forbids it.
    /// </summary>
    public OriginAccess OfScript(HttpRequest request)
    {
        var site = request.Headers[SecFetchSite].ToString();
        if (site is "same-origin" or "none")
        {
            return OriginAccess.Full;
        }

        if (request.Headers.Referer.ToString() is { Length: > 0 } referer)
        {
            return WebOrigin.TryParseAddress(referer, out var page) ? Of(page, request) : Others;
        }

        return site.Length == 0 && !IsOfBrowser(request) ? OriginAccess.Full : Others;
    }

    private OriginAccess Of(WebOrigin origin, HttpRequest request) =>
        IsOwn(origin, request.Host) || _listed.Contains(origin) ? OriginAccess.Full : Others;

    /// <summary>
    /// Returns whether an origin is the host that the request was made to. Schemes are not compared: behind a proxy that
    /// ends TLS and is not configured as trusted, the server's own scheme is not the page's.
    /// </summary>
    private static bool IsOwn(WebOrigin origin, HostString host) =>
        host.HasValue
        && origin.Scheme is "http" or "https"
        // In punycode, as the origin is.
        && string.Equals(origin.Host, HostNames.ToAscii(new HostString(host.Host)), StringComparison.OrdinalIgnoreCase)
        && origin.Port == (host.Port ?? (origin.Scheme == "https" ? 443 : 80));

    // To an address without TLS a browser says nothing of the page's site, and a page may forbid the Referer. These two it sends
    // always; Node.js' fetch asks for any language.
    private static bool IsOfBrowser(HttpRequest request) =>
        request.Headers.AcceptLanguage.ToString() is not ("" or "*") || request.Headers.UserAgent.ToString().Contains("Mozilla/", StringComparison.Ordinal);

    private static FrozenSet<WebOrigin> Read(List<string> entries)
    {
        var origins = new HashSet<WebOrigin>();
        foreach (var entry in entries)
        {
            if (WebOrigin.TryParse(entry, out var origin))
            {
                origins.Add(origin);
            }
        }

        return origins.ToFrozenSet();
    }
}
