using Ducts.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;

namespace Ducts.Discovery;

/// <summary>Turns <c>behind_nginx</c> and <c>trusted_proxies</c> into ASP.NET Core's options of forwarded headers.</summary>
internal static class TrustedProxies
{
    /// <summary>Creates the options.</summary>
    /// <exception cref="FormatException">An entry is no network.</exception>
    public static ForwardedHeadersOptions ToForwardedHeaders(DuctsServerOptions options)
    {
        var result = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost | ForwardedHeaders.XForwardedPrefix,
            // Only what the nearest proxy itself has written. With private networks trusted by default, a longer walk
            // would believe a client of such a network that sends a forged header through the proxy.
            ForwardLimit = 1,
        };
        result.KnownProxies.Clear();
        result.KnownIPNetworks.Clear();
        foreach (var entry in options.TrustedProxies)
        {
            if (!ProxyNetwork.TryParse(entry, out var network))
                throw new FormatException(string.Join(Environment.NewLine, ProxyNetwork.FindFaults(options.TrustedProxies)));
            result.KnownIPNetworks.Add(network);
        }

        return result;
    }
}
