using Ducts;
using Ducts.Configuration;
using Ducts.Discovery;
using Ducts.Dispatch;
using Ducts.Handlers;
using Ducts.Hosting;
using Ducts.Sessions;
using Ducts.WebApis;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Provides extension methods that map the endpoints of a Ducts server.</summary>
public static class DuctsEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps the endpoints that Ducts clients use: service discovery, WebSockets, Web APIs, libraries and the lists of events. Their paths
    /// come from <see cref="DuctsServerOptions"/>. Service discovery reports these paths to clients, so do not call this on a group with a prefix.
    /// </summary>
    /// <param name="endpoints">The application's route builder.</param>
    /// <returns>A builder whose conventions, such as <c>RequireAuthorization()</c> or <c>RequireHost("…")</c>, apply to all of these endpoints.</returns>
    /// <exception cref="InvalidOperationException"><c>AddDucts</c> has not been called.</exception>
    public static IEndpointConventionBuilder MapDucts(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var paths = Require<DuctsPaths>(endpoints);
        var sockets = Require<SessionEndpoint>(endpoints);
        var group = endpoints.MapGuardedGroup();
        var path = paths.WebSocket + "{" + SessionEndpoint.IdParameter + "}";
        // CONNECT is how HTTP/2 opens a WebSocket.
        string[] methods = [HttpMethods.Get, HttpMethods.Connect];
        // Whoever asked service discovery has been authorized; browsers can send no token with a WebSocket.
        group.MapMethods(path, methods, sockets.OpenAsync).WithDisplayName("Ducts WebSocket").AllowAnonymous();
        group.MapMethods(path + "/reconnect", methods, sockets.ReconnectAsync).WithDisplayName("Ducts WebSocket, reconnecting").AllowAnonymous();
        group.MapDuctsHttp();
        return group;
    }

    /// <summary>
    /// Maps the icon and a page at <c>/</c> that shows what runs here or redirects to the index page of the static files. Endpoints that
    /// the application maps at the same paths take precedence.
    /// </summary>
    /// <param name="endpoints">The application's route builder.</param>
    /// <returns>A builder whose conventions apply to both.</returns>
    /// <exception cref="InvalidOperationException"><c>AddDucts</c> has not been called.</exception>
    public static IEndpointConventionBuilder MapDuctsPages(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var pages = Require<PageEndpoints>(endpoints);
        var group = endpoints.MapGuardedGroup();
        pages.Map(group);
        return group;
    }

    /// <summary>
    /// Maps the folder <see cref="DuctsServerOptions.LocalPathStatic"/> at <see cref="DuctsServerOptions.RootPathStatic"/>, with ranges,
    /// ETags and precompressed <c>.br</c> and <c>.gz</c> files.
    /// </summary>
    /// <param name="endpoints">The application's route builder.</param>
    /// <returns>A builder whose conventions apply to the static files.</returns>
    /// <exception cref="InvalidOperationException"><c>AddDucts</c> has not been called.</exception>
    public static IEndpointConventionBuilder MapDuctsStaticFiles(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return Require<StaticFileEndpoints>(endpoints).Map(endpoints);
    }

    /// <summary>
    /// Maps <c>/healthz</c>, which answers 200 while the process serves requests, and <c>/readyz</c>, which answers 200 while
    /// all health checks of the application pass, and 503 with the reasons otherwise. To use other addresses, call
    /// <c>MapHealthChecks</c> instead.
    /// </summary>
    /// <param name="endpoints">The application, with <c>AddHealthChecks().AddDucts()</c> among its services.</param>
    /// <returns>A builder whose conventions apply to both.</returns>
    /// <exception cref="InvalidOperationException"><c>AddHealthChecks</c> has not been called.</exception>
    public static IEndpointConventionBuilder MapDuctsHealthChecks(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var group = endpoints.MapGroup("");
        // The answers say themselves that they must not be cached.
        var alive = new HealthCheckOptions { Predicate = static _ => false, ResponseWriter = HealthAnswer.WriteAsync, AllowCachingResponses = true };
        var ready = new HealthCheckOptions { ResponseWriter = HealthAnswer.WriteAsync, AllowCachingResponses = true };
        group.MapHealthChecks("/healthz", alive).WithDisplayName("Ducts alive");
        group.MapHealthChecks("/readyz", ready).WithDisplayName("Ducts ready");
        group.WithMetadata(new HttpMethodMetadata(HttpAnswer.GetAndHead)).WithOrder(DuctsHttp.LastOrder);
        return group;
    }

    /// <summary>Maps an event to a function, which may have the same parameters and results as a handler's <c>Handle</c> method.</summary>
    /// <param name="endpoints">The application's route builder.</param>
    /// <param name="id">The event's id, from 1000.</param>
    /// <param name="key">The event's key, in upper case.</param>
    /// <param name="handler">The function that answers the event's requests.</param>
    /// <returns>The event's spec, whose description can be set.</returns>
    /// <exception cref="ArgumentException">The id or key is taken or reserved, or the function cannot answer requests.</exception>
    /// <exception cref="InvalidOperationException">The server has started already.</exception>
    public static HandlerSpec MapEvent(this IEndpointRouteBuilder endpoints, int id, string key, Delegate handler)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(handler);
        var services = endpoints.ServiceProvider;
        var mapped = MappedEvent.Of(id, key, handler, services.GetRequiredService<WireSerializer>());
        services.GetRequiredService<EventMap>().Add(mapped);
        return mapped.Spec;
    }

    private static T Require<T>(IEndpointRouteBuilder endpoints)
        where T : notnull =>
        endpoints.ServiceProvider.GetService<T>()
        ?? throw new InvalidOperationException("Call builder.Services.AddDucts() before mapping Ducts' endpoints.");
}
