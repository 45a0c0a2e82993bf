using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Ducts.Cluster;

/// <summary>Finds out where other nodes reach this one.</summary>
internal static class NodeAddress
{
    /// <summary>Returns the address for what the server listens on.</summary>
    /// <param name="urls">The addresses that it listens on.</param>
    /// <returns>Host and port; null where it listens on none without TLS.</returns>
    public static string? Of(IEnumerable<string> urls)
    {
        foreach (var url in urls)
        {
            if (!Uri.TryCreate(url.Replace("://+", "://[::]", StringComparison.Ordinal).Replace("://*", "://[::]", StringComparison.Ordinal), UriKind.Absolute, out var uri)
                || uri.Scheme != Uri.UriSchemeHttp || uri.Host.Length == 0)
            {
                continue;
            }

            if (!IPAddress.TryParse(uri.Host.Trim('[', ']'), out var bound))
                return uri.Authority;
            var address = bound.Equals(IPAddress.Any) || bound.Equals(IPAddress.IPv6Any) ? FirstOfMachine() : bound;
            return new IPEndPoint(address, uri.Port).ToString();
        }

        return null;
    }

    private static IPAddress FirstOfMachine() =>
        NetworkInterface.GetAllNetworkInterfaces()
            .Where(static network => network.OperationalStatus == OperationalStatus.Up)
            .SelectMany(static network => network.GetIPProperties().UnicastAddresses)
            .Select(static unicast => unicast.Address)
            .Where(static address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal)
            .OrderBy(static address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
            .FirstOrDefault(IPAddress.Loopback);
}
