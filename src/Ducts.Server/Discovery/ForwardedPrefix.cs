using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Ducts.Discovery;

/// <summary>Reads the path below which a proxy serves this server: what it has taken off the path of each request.</summary>
internal static class ForwardedPrefix
{
    private const string Header = "X-Forwarded-Prefix";

    // A longer one is no proxy's; it would be in each address of a discovery's answer.
    private const int MaxLength = 256;

    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()+;=:@");

    /// <summary>
    /// Leaves of the header what the nearest proxy has written, and that only if it is a plain path: it becomes part of
    /// redirects and of addresses that clients open, and <c>//host</c> would lead to another server.
    /// </summary>
    public static void Check(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(Header, out var values))
        {
            return;
        }

        var prefix = values.ToString();
        prefix = prefix[(prefix.LastIndexOf(',') + 1)..].Trim().TrimEnd('/');
        if (IsPath(prefix))
        {
            headers[Header] = prefix;
        }
        else
        {
            headers.Remove(Header);
        }
    }

    private static bool IsPath(string prefix) =>
        prefix.Length is > 1 and <= MaxLength
        && prefix[0] == '/'
        && !prefix.AsSpan().ContainsAnyExcept(PathCharacters)
        && prefix[1..].Split('/').All(static part => part is not ("" or "." or ".."));
}
