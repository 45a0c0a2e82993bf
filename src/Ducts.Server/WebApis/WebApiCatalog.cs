using System.Buffers;
using System.Reflection;
using System.Runtime.CompilerServices;
using Ducts.Configuration;
using Ducts.Handlers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Ducts.WebApis;

/// <summary>Finds the Web APIs of handlers and tells which of them cannot be.</summary>
internal sealed class WebApiCatalog(DuctsPaths paths, ParameterPolicyFactory policies, WebApiBinder binder) : IHandlerValidator
{
    private const BindingFlags AnyMethod = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ-");

    // Weak: what is known of replaced handlers goes with them.
    private readonly ConditionalWeakTable<HandlerSnapshot, WebApiRoutes> _known = [];

    /// <summary>Why handlers of a set must be refused, before it is swapped in; empty when all is well.</summary>
    public IReadOnlyList<RefusedHandler> Validate(HandlerSnapshot snapshot) => RoutesOf(snapshot).Problems;

    /// <summary>The Web APIs of a set of handlers.</summary>
    public WebApiRoutes RoutesOf(HandlerSnapshot snapshot) => _known.GetValue(snapshot, Find);

    private static HandlerCandidate? CandidateOf(HandlerSnapshot snapshot, DuctsHandler handler)
    {
        if (snapshot.Candidates.TryGetValue(handler, out var candidate))
            return candidate;
        var type = handler.GetType();
        return type.GetCustomAttribute<EventAttribute>() is { } named
            ? new HandlerCandidate(named.Id, named.Key, type, type.Assembly.GetName().Name ?? type.Name)
            : null;
    }

    /// <summary>Gives each GET the HEAD of its path, unless another method answers that.</summary>
    private static void ShareHead(List<WebApiRoute> routes)
    {
        var taken = routes
            .Where(static route => route.HttpMethod == HttpMethods.Head)
            .Select(static route => route.Shape)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var route in routes)
        {
            route.AnswersHead = route.HttpMethod == HttpMethods.Get && !taken.Contains(route.Shape);
        }
    }

    private WebApiRoutes Find(HandlerSnapshot snapshot)
    {
        var routes = new List<WebApiRoute>();
        var problems = new List<RefusedHandler>();
        foreach (var handler in snapshot.Handlers)
        {
            if (CandidateOf(snapshot, handler) is not { } candidate)
                continue;
            foreach (var method in handler.GetType().GetMethods(AnyMethod))
            {
                if (!method.IsDefined(typeof(WebApiAttribute), inherit: true))
                    continue;
                foreach (var attribute in method.GetCustomAttributes<WebApiAttribute>(inherit: true))
                    Add(handler, candidate, method, attribute, routes, problems);
            }
        }

        ShareHead(routes);
        return new(routes, problems);
    }

    private void Add(
        DuctsHandler handler,
        HandlerCandidate candidate,
        MethodInfo method,
        WebApiAttribute attribute,
        List<WebApiRoute> routes,
        List<RefusedHandler> problems)
    {
        var name = $"{candidate.Key}: [WebApi(\"{attribute.Method}\", \"{attribute.Path}\")] on {method.Name}";
        var problem = TryMake(handler, candidate, method, attribute, out var route);
        if (problem is null && Clash(route!, routes) is { } clash)
            problem = clash;
        if (problem is null)
            routes.Add(route!);
        else
            problems.Add(new(handler, new HandlerProblem(candidate.Source, 0, 0, $"{name}: {problem}")));
    }

    /// <summary>Makes the route, or says why it cannot be.</summary>
    private string? TryMake(DuctsHandler handler, HandlerCandidate candidate, MethodInfo method, WebApiAttribute attribute, out WebApiRoute? route)
    {
        route = null;
        var httpMethod = attribute.Method.Trim().ToUpperInvariant();
        if (httpMethod != WebApiRoute.AnyMethod && (httpMethod.Length == 0 || httpMethod.AsSpan().ContainsAnyExcept(TokenCharacters)))
            return $"'{attribute.Method}' is no HTTP method; write GET, POST … or * for any";
        if (method.ContainsGenericParameters)
            return "a generic method cannot answer requests";
        if (method.GetCustomAttributes(inherit: true).Any(static each => each is IEventFilter or IEventFilterReference))
            return "filters of events do not run for Web APIs; use middleware, or put the filter on Handle";

        RoutePattern pattern;
        try
        {
            pattern = RoutePatternFactory.Parse($"{paths.Api}{Literal(candidate.Key)}/{attribute.Path.TrimStart('/')}".TrimEnd('/'));
            foreach (var parameter in pattern.Parameters)
            {
                foreach (var policy in parameter.ParameterPolicies)
                    _ = policies.Create(parameter, policy);
            }
        }
        catch (Exception exception) when (exception is RoutePatternException or RouteCreationException or InvalidOperationException or ArgumentException)
        {
            return exception.Message;
        }

        if (pattern.PathSegments.Any(static segment => segment.Parts is [RoutePatternLiteralPart { Content: "." or ".." }]))
            return "a path may not lead upwards";
        var made = new WebApiRoute(handler, candidate, method, httpMethod, pattern);
        if (!candidate.HasTestedWebApis && binder.Refusal(made) is { } refusal)
            return refusal;
        route = made;
        return null;
    }

    private static string Literal(string key) =>
        key.ToLowerInvariant().Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);

    private string? Clash(WebApiRoute route, List<WebApiRoute> routes)
    {
        foreach (var other in routes)
        {
            if (route.Shape == other.Shape && route.HttpMethod == other.HttpMethod)
                return $"clashes with {other.Candidate.Key} ({other.Candidate.Source}), whose {other.Method.Name} answers {other}";
        }

        foreach (var own in (string[])[paths.EventIds, paths.EventSpec])
        {
            if (route.Shape == WebApiRoute.ShapeOf(RoutePatternFactory.Parse(own)) && route.HttpMethod is "GET" or "HEAD")
                return $"clashes with the server's own {own}";
        }

        return null;
    }
}
