using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;

namespace Ducts.Origins;

/// <summary>Turns <c>behind_nginx</c> and <c>trusted_proxies</c> into ASP.NET Core's options of forwarded headers.</summary>
internal static class TrustedProxies
{
    /// <summary>What is wrong with the list, one message for each entry that is no network.</summary>
    public static IEnumerable<string> Validate(ServerOptions options) =>
        from entry in options.TrustedProxies
        where !TryParse(entry, out _)
        select $"trusted_proxies: '{entry}' is neither an address nor a network in CIDR form such as 10.0.0.0/8";

    public static ForwardedHeadersOptions ToForwardedHeaders(ServerOptions options)
    {
        var result = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            // Only what the nearest proxy itself has written. With private networks trusted by default, a longer walk
            // would believe a client of such a network that sends a forged header through the proxy.
            ForwardLimit = 1,
        };
        result.KnownProxies.Clear();
        result.KnownIPNetworks.Clear();
        foreach (var entry in options.TrustedProxies)
        {
            if (!TryParse(entry, out var network))
                throw new FormatException(string.Join(Environment.NewLine, Validate(options)));
            result.KnownIPNetworks.Add(network);
        }

        return result;
    }

    private static bool TryParse(string entry, out System.Net.IPNetwork network)
    {
        if (System.Net.IPNetwork.TryParse(entry, out network))
            return true;
        if (!IPAddress.TryParse(entry, out var address))
            return false;
        network = new(address, address.GetAddressBytes().Length * 8);
        return true;
    }
}
