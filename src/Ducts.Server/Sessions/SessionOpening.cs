using System.Net;

namespace Ducts.Sessions;

/// <summary>What service discovery knows of a session to be.</summary>
internal sealed record SessionOpening
{
    /// <summary>Gets the client's address; null where it has none, as on a Unix socket.</summary>
    public IPAddress? Address { get; init; }

    public int Port { get; init; }

    /// <summary>Gets what is kept of the client's User-Agent header.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>Gets all query parameters of the discovery call, in their order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    /// <summary>Gets the user that the application's authentication found.</summary>
    public SessionUser User { get; init; } = new();

    /// <summary>Gets whether the session has no user, whoever opens it: any page can load discovery as a script.</summary>
    public bool IsForScript { get; init; }
}
