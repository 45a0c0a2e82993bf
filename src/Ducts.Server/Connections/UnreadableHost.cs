using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Ducts.Connections;

/// <summary>
/// A host that is not what it is encoded as. Whoever asks for the request's host, the host's own log to begin with, would get an
/// exception, and the client no answer.
/// </summary>
/// <param name="Name">The host as the client has sent it.</param>
internal sealed record UnreadableHost(string Name)
{
    /// <summary>Gets what the client is told.</summary>
    public string Reason => $"The host name {Name} cannot be read.";

    /// <summary>Takes the Host header out of a request if it cannot be read; a feature says so then.</summary>
    public static void TakeAway(IFeatureCollection features)
    {
        if (features.Get<IHttpRequestFeature>() is { Headers: var headers } && headers.Host.ToString() is var host && !HostNames.IsReadable(host))
        {
            features.Set(new UnreadableHost(host));
            headers.Remove(HeaderNames.Host);
        }
    }
}
