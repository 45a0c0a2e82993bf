using System.Collections.Concurrent;
using Ducts.Configuration;
using Ducts.Connections;
using Ducts.Identity;
using Ducts.WebApis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Ducts.Discovery;

/// <summary>
/// Stands before each endpoint of Ducts and refuses what a browser was tricked into sending: requests to a host name that
/// is not the server's, and changes that a page of another origin asks for.
/// </summary>
internal sealed class EndpointGuard(HostPolicy hosts, OriginPolicy origins, DuctsPaths paths, WebApiAdmission admission, ILogger<EndpointGuard> logger)
{
    // Enough for an operator to see what is wrong; whoever guesses names does not fill the log.
    private const int MaxHostsLogged = 16;

    private readonly ConcurrentDictionary<string, byte> _hostsLogged = new(StringComparer.OrdinalIgnoreCase);

    public RequestDelegate Protect(RequestDelegate next) => context =>
    {
        if (FindRefusal(context) is { } reason)
        {
            return RefuseAsync(context, StatusCodes.Status403Forbidden, reason);
        }

        return !IsWebApi(context) || admission.IsFree(context) ? next(context) : admission.AnswerAsync(context, RefuseAsync, next);
    };

    private bool IsWebApi(HttpContext context) => context.Request.Path.Value?.StartsWith(paths.Api, StringComparison.OrdinalIgnoreCase) == true;

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

    /// <summary>Answers a request that is refused.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="reason">What the caller is told.</param>
    /// <param name="error">The error's name as on the wire, for Web APIs; null for none.</param>
    public Task RefuseAsync(HttpContext context, int status, string reason, string? error = null)
    {
        if (IsWebApi(context))
        {
            return Problems.WriteAsync(context, status, reason, error);
        }

        return string.Equals(context.Request.Path.Value, paths.ServiceDiscoveryJsonp, StringComparison.OrdinalIgnoreCase)
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
        var options = endpoints.ServiceProvider.GetRequiredService<IOptions<DuctsOptions>>();
        var group = endpoints.MapGroup("");
        ((IEndpointConventionBuilder)group).Finally(builder =>
        {
            if (builder.RequestDelegate is { } answer)
            {
                builder.RequestDelegate = guard.Protect(answer);
            }

            if (options.Value.Auth.AuthorizeByDefault && builder.Metadata.Any(static metadata => metadata is WebApiMetadata))
            {
                AuthorizationDemand.AddDefaultTo(builder.Metadata);
            }
        });
        return group;
    }
}
