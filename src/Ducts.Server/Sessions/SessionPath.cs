using Ducts.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Ducts.Sessions;

/// <summary>
/// Keeps session ids out of the paths of requests: whoever knows one can take the session over, and paths are in the logs of
/// servers, middleware and tracing. What stands in the path instead has the part that is in logs anyway.
/// </summary>
internal sealed class SessionPath
{
    // Stands for the secret; no session id has it.
    private const string Hidden = "-";

    private SessionPath(string id) => Id = id;

    /// <summary>Gets the id as the client has sent it.</summary>
    private string Id { get; }

    /// <summary>Takes the id out of the request's path, if it has one.</summary>
    public static void Hide(IFeatureCollection features, DuctsPaths paths)
    {
        // An application may live below a path of its own.
        if (features.Get<IHttpRequestFeature>() is not { Path: { } path } request || path.IndexOf(paths.WebSocket, StringComparison.OrdinalIgnoreCase) is var start && start < 0)
        {
            return;
        }

        start += paths.WebSocket.Length;
        var end = path.IndexOf('/', start) is var slash && slash < 0 ? path.Length : slash;
        var id = path[start..end];
        if (id.Length == 0)
        {
            return;
        }

        features.Set(new SessionPath(id));
        var shown = string.Concat(Hidden, id.AsSpan(Math.Max(id.LastIndexOf('.'), 0)));
        request.Path = string.Concat(path.AsSpan(0, start), id.Contains('.', StringComparison.Ordinal) ? shown : Hidden, path.AsSpan(end));
        request.RawTarget = request.Path;
    }

    /// <summary>Returns the id of the request's path.</summary>
    /// <param name="context">The request.</param>
    /// <param name="parameter">The name of the id in the route.</param>
    public static string? IdOf(HttpContext context, string parameter) =>
        context.Features.Get<SessionPath>()?.Id ?? context.Request.RouteValues[parameter] as string;
}
