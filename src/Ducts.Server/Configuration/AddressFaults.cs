using System.Net;
using System.Net.Sockets;

namespace Ducts.Configuration;

/// <summary>Finds addresses, hosts and origins that nothing can be compared with or listen on.</summary>
internal static class AddressFaults
{
    private const string Server = "ducts.server_config";
    private const string Auth = "ducts.auth_config";

    public static void Find(DuctsOptions options, List<OptionFault> faults)
    {
        var server = options.Server;
        if (!IsAddress(server.HttpdAddr))
        {
            faults.Add(new(Server, "httpd_addr", $"\"{server.HttpdAddr}\" is no address: expected an IP address such as 127.0.0.1, localhost, or 0.0.0.0 for all"));
        }

        foreach (var problem in ProxyNetwork.FindFaults(server.TrustedProxies))
        {
            faults.Add(new(Server, "trusted_proxies", problem));
        }

        if (server.BehindNginx && server.TrustedProxies.Count == 0)
        {
            faults.Add(new(Server, "behind_nginx", "is true but trusted_proxies is empty, so that no proxy would be believed: name the proxy's network there, or set behind_nginx to false"));
        }

        foreach (var origin in options.Auth.AllowedOrigins.Where(static origin => origin != "*"))
        {
            if (FindFaultOfOrigin(origin) is { } fault)
            {
                faults.Add(new(Auth, "allowed_origins", $"\"{origin}\" is no origin: {fault}"));
            }
        }

        foreach (var host in options.Auth.AllowedHosts.Where(static host => !HostEntry.TryNormalize(host, out _)))
        {
            faults.Add(new(Auth, "allowed_hosts", $"\"{host}\" is no host: expected a name such as ducts.example.org, *.example.org or an IP address, without scheme and port, or *"));
        }
    }

    private static string? FindFaultOfOrigin(string origin)
    {
        const string Expected = "expected scheme://host or scheme://host:port without a path, or *";
        if (string.Equals(origin, "null", StringComparison.OrdinalIgnoreCase))
        {
            return "pages of files and of sandboxed frames send it, whoever wrote them; deliver the page from a server, or allow * for all";
        }

        if (origin.EndsWith('/') || !WebOrigin.TryParse(origin, out var parsed))
        {
            return Expected;
        }

        if (parsed.Scheme is not ("http" or "https"))
        {
            // An application's own scheme; its host is compared as it stands. Of these, browsers send no origin.
            return parsed.Scheme is "file" or "ftp" or "about" or "data" or "blob" or "javascript" ? Expected : null;
        }

        var isName = Uri.CheckHostName(parsed.Host.Trim('[', ']')) != UriHostNameType.Unknown;
        return isName && !parsed.Host.Contains('*', StringComparison.Ordinal) ? null : $"{Expected}; each host is listed by itself";
    }

    // IPAddress reads a lone number as an address, too; who writes 8080 there means a port.
    private static bool IsAddress(string text) =>
        string.Equals(text, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(text, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.Count(static c => c == '.') == 3));
}
