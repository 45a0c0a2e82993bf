namespace Ducts.Client;

/// <summary>Writes URLs for errors, which end in logs: without what gives access.</summary>
internal static class ShownUrl
{
    // No word of a path is as long; a session's id is.
    private const int LongestWord = 32;

    /// <summary>Returns the URL of service discovery, whose user and query may be credentials of the application.</summary>
    public static string OfDiscovery(Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>Returns the URL of a socket. Its path has the session's id, with which anybody can take the session over.</summary>
    public static string OfSocket(Uri url)
    {
        var parts = url.AbsolutePath.Split('/');
        var last = parts is [.., _, "reconnect"] ? parts.Length - 2 : parts.Length - 1;
        for (var i = 0; i < parts.Length; i++)
        {
            if (i == last || parts[i].Length > LongestWord)
                parts[i] = "…";
        }

        return url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) + string.Join('/', parts);
    }
}
