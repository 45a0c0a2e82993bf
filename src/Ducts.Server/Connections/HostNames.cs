using Microsoft.AspNetCore.Http;

namespace Ducts.Connections;

/// <summary>Host names of requests in the form in which browsers send origins.</summary>
internal static class HostNames
{
    /// <summary>Returns whether ASP.NET Core can read a host as a client sends it: it decodes punycode, and throws where that is none.</summary>
    public static bool IsReadable(string host)
    {
        if (!host.Contains("xn--", StringComparison.Ordinal))
        {
            return true;
        }

        try
        {
            _ = HostString.FromUriComponent(host);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>
    /// Returns whether ASP.NET Core can read a host and write it again, which it does where a proxy names another: it encodes a host
    /// of letters that it does not know, and throws where a label is empty or too long.
    /// </summary>
    public static bool IsWritable(string host) => IsReadable(host) && ToAscii(HostString.FromUriComponent(host)) is not null;

    /// <summary>
    /// Returns a host in punycode, which ASP.NET Core has decoded; null when it is none, such as one with an empty label: a
    /// client may send what it wants.
    /// </summary>
    public static string? ToAscii(HostString host)
    {
        try
        {
            return host.ToUriComponent();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
