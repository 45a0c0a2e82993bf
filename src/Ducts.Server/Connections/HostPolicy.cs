using System.Net;
using System.Net.NetworkInformation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Ducts.Connections;

/// <summary>
/// Decides by which host names the server may be asked. A name that an attacker owns and leads here by DNS makes the
/// attacker's page one of the server's own, in the browser of somebody who can reach the server (DNS rebinding).
/// </summary>
internal sealed class HostPolicy(IOptions<DuctsOptions> options)
{
    private const string Localhost = "localhost";

    // No registry of the public DNS gives names below these.
    private static readonly string[] LocalDomains = [".localhost", ".local", ".internal", ".home.arpa", ".lan", ".test"];

    private static readonly IPNetwork[] PrivateNetworks =
    [
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("::1/128"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"),
    ];

    private readonly StringSegment[] _listed = [.. options.Value.Auth.AllowedHosts.Select(static entry => new StringSegment(HostEntry.Normalize(entry)))];
    private readonly bool _isBehindProxy = options.Value.Server.BehindNginx;
    private readonly Lazy<string[]> _ownNames = new(FindOwnNames);

    /// <summary>Returns whether the server answers a request that was made to this host.</summary>
    public bool IsAllowed(HttpContext context)
    {
        var host = context.Request.Host;
        if (!host.HasValue)
        {
            // HTTP/1.0; no browser.
            return true;
        }

        // In punycode, as the list is.
        if (HostNames.ToAscii(new HostString(host.Host.TrimEnd('.'))) is not { } name)
        {
            return false;
        }

        return _listed.Length > 0
            ? HostString.MatchesAny(name, _listed) || (IsLoopback(name) && IsPrivate(context.Connection.RemoteIpAddress))
            : IsAllowedByDefault(context, name);
    }

    /// <summary>
    /// Without a list, a name must be one that only the owner of this machine or network can have led here, where a page can reach
    /// what its author cannot: from within a private network, and without TLS, whose certificates do not have the attacker's name.
    /// </summary>
    private bool IsAllowedByDefault(HttpContext context, string name) =>
        context.Request.IsHttps
        || _isBehindProxy
        || !IsPrivate(context.Connection.RemoteIpAddress)
        || !name.Contains('.', StringComparison.Ordinal)
        || IPAddress.TryParse(name, out _)
        || LocalDomains.Any(domain => name.EndsWith(domain, StringComparison.OrdinalIgnoreCase))
        || _ownNames.Value.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool IsLoopback(string name) =>
        string.Equals(name, Localhost, StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));

    // Where there is no address there is no network: a Unix socket, or a test's server in memory.
    private static bool IsPrivate(IPAddress? address)
    {
        if (address is { IsIPv4MappedToIPv6: true })
        {
            address = address.MapToIPv4();
        }

        return address is not null && PrivateNetworks.Any(network => network.Contains(address));
    }

    private static string[] FindOwnNames()
    {
        var (name, domain) = (Dns.GetHostName(), IPGlobalProperties.GetIPGlobalProperties().DomainName);
        return domain.Length == 0 ? [name] : [name, $"{name}.{domain}"];
    }
}
