using Ducts;
using Ducts.Discovery;
using Ducts.Dispatch;
using Ducts.Handlers;
using Ducts.Hosting;
using Ducts.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps a Ducts server's addresses.</summary>
public static class DuctsEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps everything that <c>AddDucts</c> has added: service discovery, WebSockets, libraries, Web APIs, static files.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <returns>The application.</returns>
    /// <exception cref="InvalidOperationException"><c>AddDucts</c> has not been called.</exception>
    public static IEndpointRouteBuilder MapDucts(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider;
        var paths = services.GetService<DuctsPaths>()
            ?? throw new InvalidOperationException("Call builder.Services.AddDucts() before app.MapDucts().");
        var sockets = services.GetRequiredService<SessionEndpoint>();
        var path = paths.WebSocket + "{" + SessionEndpoint.IdParameter + "}";
        // CONNECT is how HTTP/2 opens a WebSocket.
        string[] methods = [HttpMethods.Get, HttpMethods.Connect];
        endpoints.MapMethods(path, methods, sockets.OpenAsync).WithDisplayName("Ducts WebSocket");
        endpoints.MapMethods(path + "/reconnect", methods, sockets.ReconnectAsync).WithDisplayName("Ducts WebSocket, reconnecting");
        endpoints.MapDuctsHttp();
        return endpoints;
    }

    /// <summary>Answers an event by a function, which takes and returns what a handler's <c>Handle</c> may.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="id">The event's id, from 1000.</param>
    /// <param name="key">The event's key, in upper case.</param>
    /// <param name="handler">The function.</param>
    /// <returns>The event's spec, for a description.</returns>
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
}
