using System.Net;

namespace Ducts.Configuration;

/// <summary>Reads an entry of <c>trusted_proxies</c>.</summary>
internal static class ProxyNetwork
{
    /// <summary>Reads a network in CIDR form, or an address as the network that is it alone.</summary>
    public static bool TryParse(string entry, out IPNetwork network)
    {
        if (IPNetwork.TryParse(entry, out network))
            return true;
        if (!IPAddress.TryParse(entry, out var address))
            return false;
        network = new(address, address.GetAddressBytes().Length * 8);
        return true;
    }

    /// <summary>Returns what is wrong with the list, one message for each entry that is no network.</summary>
    public static IEnumerable<string> FindFaults(IEnumerable<string> entries) =>
        from entry in entries
        where !TryParse(entry, out _)
        select $"\"{entry}\" is no network: expected an address, or a network in CIDR form such as 10.0.0.0/8";
}
