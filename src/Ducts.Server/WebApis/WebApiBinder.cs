using System.IO.Pipelines;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Ducts.WebApis;

/// <summary>Makes request delegates of handler methods, by the rules of ASP.NET Core's minimal APIs.</summary>
internal sealed class WebApiBinder(IServiceProvider services, IOptionsFactory<JsonOptions> jsonFactory, FormProtection forms)
{
    // One for each assembly of handlers: serializer options remember types, and would keep replaced assemblies in memory.
    private readonly ConditionalWeakTable<Assembly, WebApiServices> _services = [];

    /// <summary>Why no request could be bound to the method, or null.</summary>
    public string? Refusal(WebApiRoute route)
    {
        try
        {
            _ = RequestDelegateFactory.InferMetadata(route.Method, OptionsOf(route, BuilderOf(route, 0)));
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException or ArgumentException)
        {
            return exception.Message;
        }
    }

    /// <summary>An endpoint whose metadata says all that is known of parameters and results.</summary>
    public RouteEndpointBuilder Describe(WebApiRoute route, int order)
    {
        var builder = BuilderOf(route, order);
        builder.Metadata.Add(route.Method);
        _ = RequestDelegateFactory.InferMetadata(route.Method, OptionsOf(route, builder));
        AddOwnMetadata(route, builder);
        return builder;
    }

    /// <summary>An endpoint whose metadata is what routing and middleware ask for; its delegate is <paramref name="answer"/>.</summary>
    public Endpoint Serve(WebApiRoute route, int order, RequestDelegate answer)
    {
        var builder = BuilderOf(route, order);
        builder.RequestDelegate = answer;
        builder.Metadata.Add(new WebApiMetadata(route));
        AddOwnMetadata(route, builder);
        forms.AddTo(builder.Metadata, route.Method);
        if (TakesStream(route.Method))
            builder.Metadata.Add(UnlimitedRequestBody.Instance);
        if (route.HttpMethodNames is { Count: > 0 } methods)
            builder.Metadata.Add(new HttpMethodMetadata(methods));
        return builder.Build();
    }

    /// <summary>Compiles the binding; some milliseconds.</summary>
    public RequestDelegate Compile(WebApiRoute route)
    {
        var builder = BuilderOf(route, 0);
        var filter = ResultFilters.For(route.Method, ServicesOf(route).Json);
        builder.FilterFactories.Add((_, next) => invocation => filter(invocation, next));
        var handler = route.Handler;
        return RequestDelegateFactory
            .Create(route.Method, route.Method.IsStatic ? null : _ => handler, OptionsOf(route, builder))
            .RequestDelegate;
    }

    private static void AddOwnMetadata(WebApiRoute route, RouteEndpointBuilder builder)
    {
        foreach (var attribute in route.Handler.GetType().GetCustomAttributes(inherit: true).Concat(route.Method.GetCustomAttributes(inherit: true)))
        {
            // Compiler's own, such as NullableContext, say nothing to middleware.
            if (attribute.GetType().Namespace is not "System.Runtime.CompilerServices")
                builder.Metadata.Add(attribute);
        }
    }

    /// <summary>Whether the method reads the body as it comes, so that its size costs no memory.</summary>
    private static bool TakesStream(MethodInfo method) =>
        method.GetParameters().Any(static parameter => parameter.ParameterType == typeof(Stream) || parameter.ParameterType == typeof(PipeReader));

    private RouteEndpointBuilder BuilderOf(WebApiRoute route, int order) => new(requestDelegate: null, route.Pattern, order)
    {
        ApplicationServices = services,
        DisplayName = $"{route.Candidate.Key}.{route.Method.Name} {route}",
    };

    private RequestDelegateFactoryOptions OptionsOf(WebApiRoute route, EndpointBuilder builder) => new()
    {
        ServiceProvider = ServicesOf(route),
        RouteParameterNames = route.Pattern.Parameters.Select(static parameter => parameter.Name),
        // Bad requests become problems in one place, as everything else that is thrown.
        ThrowOnBadRequest = true,
        DisableInferBodyFromParameters = !route.MayHaveBody,
        EndpointBuilder = builder,
    };

    private WebApiServices ServicesOf(WebApiRoute route) =>
        _services.GetValue(route.Handler.GetType().Assembly, _ => new WebApiServices(services, WebApiServices.CreateJson(jsonFactory)));

    private sealed class UnlimitedRequestBody : IRequestSizeLimitMetadata
    {
        public static readonly UnlimitedRequestBody Instance = new();

        public long? MaxRequestBodySize => null;
    }
}
