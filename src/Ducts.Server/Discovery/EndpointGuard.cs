using System.Collections.Concurrent;
using Ducts.Configuration;
using Ducts.Connections;
using Ducts.WebApis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Ducts.Discovery;

/// <summary>
/// Stands before each endpoint of Ducts and refuses what a browser was tricked into sending: requests to a host name that
/// is not the server's, and changes that a page of another origin asks for.
/// </summary>
internal sealed class EndpointGuard(HostPolicy hosts, OriginPolicy origins, DuctsPaths paths, ILogger<EndpointGuard> logger)
{
    // Enough for an operator to see what is wrong; whoever guesses names does not fill the log.
    private const int MaxHostsLogged = 16;

    private readonly ConcurrentDictionary<string, byte> _hostsLogged = new(StringComparer.OrdinalIgnoreCase);

    public RequestDelegate Protect(RequestDelegate next) => context => FindRefusal(context) is { } reason ? RefuseAsync(context, StatusCodes.Status403Forbidden, reason) : next(context);

    private string? FindRefusal(HttpContext context)
    {
        if (!hosts.IsAllowed(context))
        {
            var host = context.Request.Host.Host;
            if (_hostsLogged.Count < MaxHostsLogged && _hostsLogged.TryAdd(host, 0))
            {
                logger.HostRefused(host);
            }

            return $"This server may not be asked by the host name {host}. If it is the server's, add it to option allowed_hosts.";
        }

        return ChangesNothing(context.Request.Method) ? null : FindRefusalOfChange(context);
    }

    private string? FindRefusalOfChange(HttpContext context)
    {
        switch (origins.OfChange(context.Request))
        {
            case OriginAccess.Full:
                return null;
            case OriginAccess.WithoutUser when !HasAmbientUser(context):
                // What the browser adds by itself does not count; what the page itself sends does.
                context.Request.Headers.Remove(HeaderNames.Cookie);
                return null;
            case OriginAccess.WithoutUser:
                return "A page of this origin may not act for a signed-in user; name the origin in option allowed_origins.";
            default:
                return "A page of this origin may not change anything here; see option allowed_origins.";
        }
    }

    private static bool HasAmbientUser(HttpContext context) =>
        context.User.Identities.Any(static identity => identity.IsAuthenticated) && context.Request.Headers.Authorization.Count == 0;

    // CONNECT opens a WebSocket over HTTP/2, which is checked where it is opened.
    private static bool ChangesNothing(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method) || HttpMethods.IsConnect(method);

    /// <summary>Refuses a request in the form that its path answers in.</summary>
    public Task RefuseAsync(HttpContext context, int status, string reason)
    {
        var path = context.Request.Path.Value ?? "";
        if (path.StartsWith(paths.Api, StringComparison.OrdinalIgnoreCase))
        {
            return Problems.WriteAsync(context, status, reason);
        }

        return string.Equals(path, paths.ServiceDiscoveryJsonp, StringComparison.OrdinalIgnoreCase)
            ? HttpAnswer.WriteScriptErrorAsync(context, status, reason)
            : HttpAnswer.WriteErrorAsync(context, status, reason);
    }
}

/// <summary>Adds groups of endpoints that <see cref="EndpointGuard"/> protects.</summary>
internal static class EndpointGuardExtensions
{
    public static RouteGroupBuilder MapGuardedGroup(this IEndpointRouteBuilder endpoints)
    {
        var guard = endpoints.ServiceProvider.GetRequiredService<EndpointGuard>();
        var group = endpoints.MapGroup("");
        ((IEndpointConventionBuilder)group).Finally(builder =>
        {
            if (builder.RequestDelegate is { } answer)
            {
                builder.RequestDelegate = guard.Protect(answer);
            }
        });
        return group;
    }
}
