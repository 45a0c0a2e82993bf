using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Ducts;

/// <summary>Reads an entry of <c>allowed_hosts</c>: a name, an IP address, <c>*.domain</c> for all names below it, or <c>*</c>.</summary>
internal static class HostEntry
{
    private const string Below = "*.";

    /// <summary>Returns the entry as browsers send a host: in punycode, an IPv6 address in brackets. What is none stays as it is.</summary>
    public static string Normalize(string entry) => TryNormalize(entry, out var host) ? host : entry;

    /// <summary>Reads an entry.</summary>
    public static bool TryNormalize(string entry, [NotNullWhen(true)] out string? host)
    {
        host = null;
        var name = entry.Trim().TrimEnd('.');
        if (name == "*")
        {
            host = name;
            return true;
        }

        if (IPAddress.TryParse(name, out var address))
        {
            host = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
            return true;
        }

        var prefix = name.StartsWith(Below, StringComparison.Ordinal) ? Below : "";
        try
        {
            var ascii = new IdnMapping().GetAscii(name[prefix.Length..]);
            host = prefix + ascii;
            return ascii.Split('.').All(static label => label.Length is > 0 and <= 63 && label.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
