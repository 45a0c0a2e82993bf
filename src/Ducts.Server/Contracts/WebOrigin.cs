using System.Diagnostics.CodeAnalysis;

namespace Ducts;

/// <summary>
/// The origin of a page: scheme, host and port, in the one form in which browsers send it, so that two are equal where
/// they mean the same however they were written.
/// </summary>
/// <param name="Scheme">In lower case; <c>http</c> for <c>ws</c> and <c>https</c> for <c>wss</c>.</param>
/// <param name="Host">In lower case, in punycode; an IPv6 address in brackets.</param>
/// <param name="Port">The port, the scheme's own where none is written; -1 where the scheme has none.</param>
internal readonly record struct WebOrigin(string Scheme, string Host, int Port)
{
    /// <summary>Reads an origin. What has a path, a user, a query or a fragment was not written by a browser and is none.</summary>
    public static bool TryParse(string text, out WebOrigin origin)
    {
        if (TryParseAddress(text, out origin, out var uri) && uri is { UserInfo.Length: 0, PathAndQuery: "/" or "", Fragment.Length: 0 })
        {
            return true;
        }

        origin = default;
        return false;
    }

    /// <summary>Reads the origin of an address, such as that of the page in a Referer header.</summary>
    public static bool TryParseAddress(string text, out WebOrigin origin) => TryParseAddress(text, out origin, out _);

    /// <summary>Returns the origin as browsers send it.</summary>
    public override string ToString() =>
        Port == -1 || (Scheme, Port) is ("http", 80) or ("https", 443) ? $"{Scheme}://{Host}" : $"{Scheme}://{Host}:{Port}";

    private static bool TryParseAddress(string text, out WebOrigin origin, [NotNullWhen(true)] out Uri? uri)
    {
        origin = default;
        if (!Uri.TryCreate(text, UriKind.Absolute, out uri) || uri.Host.Length == 0)
        {
            return false;
        }

        // Some clients, such as Starscream, send the WebSocket's own address as its origin: ws://host:port.
        var scheme = uri.Scheme switch { "ws" => "http", "wss" => "https", var other => other };
        try
        {
            var host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
            origin = new(scheme, host.ToLowerInvariant(), uri.Port);
            return true;
        }
        catch (UriFormatException)
        {
            // The host is encoded only now, and may turn out to be none.
            return false;
        }
    }
}
