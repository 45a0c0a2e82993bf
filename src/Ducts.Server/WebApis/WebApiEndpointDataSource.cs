using Ducts.Connections;
using Ducts.Handlers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Ducts.WebApis;

/// <summary>The endpoints of the handlers that answer now; routing follows when they are replaced.</summary>
internal sealed class WebApiEndpointDataSource(
    HandlerRegistry registry,
    WebApiCatalog catalog,
    WebApiBinder binder,
    WebApiErrors errors,
    ServerStop stop,
    ILogger<WebApiEndpointDataSource> logger) : EndpointDataSource
{
    private readonly Lock _lock = new();
    private HandlerSnapshot? _snapshot;
    private IReadOnlyList<WebApiEndpoint> _answers = [];
    private IReadOnlyList<Endpoint> _endpoints = [];

    public override IReadOnlyList<Endpoint> Endpoints
    {
        get
        {
            lock (_lock)
            {
                Follow();
                return _endpoints;
            }
        }
    }

    public override IChangeToken GetChangeToken() => registry.Watch();

    private void Follow()
    {
        var snapshot = registry.Current;
        if (_snapshot == snapshot)
            return;
        var found = catalog.RoutesOf(snapshot);
        // Handlers with problems are refused before they get here; should one slip through, routing must not fail for all.
        foreach (var (_, problem) in found.Problems)
            logger.RouteLeftOut(problem.ToString());
        _answers = [.. found.Routes.Select(route => new WebApiEndpoint(route, snapshot.Generations.GetValueOrDefault(route.Handler), binder, errors, stop, SuccessorOf))];
        _endpoints = [.. _answers.Select(answer => binder.Serve(answer.Route, 0, answer.AnswerAsync))];
        _snapshot = snapshot;
    }

    private WebApiEndpoint? SuccessorOf(WebApiRoute route)
    {
        lock (_lock)
        {
            Follow();
            return _answers.FirstOrDefault(answer =>
                answer.Route.HttpMethod == route.HttpMethod && answer.Route.Pattern.RawText == route.Pattern.RawText);
        }
    }
}
