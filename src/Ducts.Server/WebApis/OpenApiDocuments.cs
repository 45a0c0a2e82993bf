using System.ComponentModel;
using System.Text.Json.Nodes;
using Ducts.Configuration;
using Ducts.Handlers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Ducts.WebApis;

/// <summary>The OpenAPI document of the handlers' Web APIs, written when it is first asked for.</summary>
/// <remarks>
/// It is made in a service container of its own. The generator's services and the full metadata of all parameters cost
/// a start some hundred milliseconds that hardly any start needs, and an application's own documents stay its own.
/// </remarks>
internal sealed class OpenApiDocuments(
    IServiceProvider services,
    HandlerRegistry registry,
    WebApiCatalog catalog,
    WebApiBinder binder,
    DuctsPaths paths,
    WebApiErrors errors,
    IWebApiSecurity security,
    ILogger<OpenApiDocuments> logger) : IDisposable
{
    private const string Name = "ducts";

    // '*' answers any method; these are the ones that a document can name and clients use.
    private static readonly string[] AnyMethods = [HttpMethods.Get, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete];

    private readonly SemaphoreSlim _writing = new(1, 1);

    // Weak: a document that nobody asks for any more must not hold the handlers it was written of.
    private readonly WeakReference<HandlerSnapshot?> _snapshot = new(null);
    private ServedContent? _document;

    public void Dispose() => _writing.Dispose();

    /// <summary>Answers a request for the document.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        try
        {
            var document = await GetAsync(context.RequestAborted);
            await (context.Request.PathBase is { HasValue: true } below ? Below(document, below) : document).WriteAsync(context);
        }
        catch (Exception exception)
        {
            // The document is made of users' types: whatever the generator cannot do with them is an error of this request only.
            await errors.AnswerAsync(context, exception, typeof(OpenApiDocuments).Assembly);
        }
    }

    /// <summary>Returns the document for clients that reach this server below a path of a proxy, or of the application.</summary>
    private static ServedContent Below(ServedContent document, PathString pathBase)
    {
        var json = JsonNode.Parse(document.Bytes.Span)!;
        json["servers"] = new JsonArray(new JsonObject { ["url"] = pathBase.ToString() });
        return new ServedContent(HttpAnswer.ToJson(json), HttpAnswer.Json);
    }

    /// <summary>Returns the document of the handlers that answer now.</summary>
    private async ValueTask<ServedContent> GetAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var snapshot = registry.Current;
            if (_document is null || !_snapshot.TryGetTarget(out var written) || written != snapshot)
            {
                _document = new ServedContent(await WriteAsync(snapshot, cancellationToken), HttpAnswer.Json);
                _snapshot.SetTarget(snapshot);
            }

            return _document;
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task<byte[]> WriteAsync(HandlerSnapshot snapshot, CancellationToken cancellationToken)
    {
        var container = new ServiceCollection();
        container.AddSingleton(services.GetRequiredService<ILoggerFactory>());
        container.AddLogging();
        container.AddSingleton(services.GetRequiredService<IHostEnvironment>());
        container.AddSingleton(Options.Create(WebApiServices.CreateJson(services.GetRequiredService<IOptionsFactory<JsonOptions>>())));
        container.AddRouting();
        container.AddSingleton<EndpointDataSource>(new DefaultEndpointDataSource(await DescribeAsync(snapshot)));
        container.AddOpenApi(Name, options =>
        {
            options.ShouldInclude = static _ => true;
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo { Title = "Web APIs of the handlers", Version = paths.Api.Trim('/') };
                document.Servers = [];
                return Task.CompletedTask;
            });
            new OpenApiSecurity(security).AddTo(options);
        });
        await using var provider = container.BuildServiceProvider();
        var document = await provider
            .GetRequiredKeyedService<IOpenApiDocumentProvider>(Name)
            .GetOpenApiDocumentAsync(cancellationToken);
        using var text = new MemoryStream();
        await document.SerializeAsJsonAsync(text, OpenApiSpecVersion.OpenApi3_1, cancellationToken);
        return text.ToArray();
    }

    private async Task<List<Endpoint>> DescribeAsync(HandlerSnapshot snapshot)
    {
        var served = Served();
        var specs = snapshot.Specs.ToDictionary(static spec => spec.Id);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var endpoints = new List<Endpoint>();
        foreach (var route in catalog.RoutesOf(snapshot).Routes)
        {
            foreach (var method in route.HttpMethod == WebApiRoute.AnyMethod ? AnyMethods : [route.HttpMethod])
            {
                try
                {
                    var builder = binder.Describe(route, endpoints.Count);
                    builder.Metadata.Add(new HttpMethodMetadata([method]));
                    AddTexts(builder, route, specs.GetValueOrDefault(route.Candidate.Id), names);
                    AddResult(builder, route);
                    if (await security.FindDemandAsync(served.GetValueOrDefault(route)?.Metadata ?? new EndpointMetadataCollection(builder.Metadata)) is { } demand)
                        builder.Metadata.Add(demand);
                    builder.RequestDelegate = static _ => Task.CompletedTask;
                    endpoints.Add(builder.Build());
                }
                catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException or ArgumentException)
                {
                    // One route that cannot be described keeps no other from being.
                    logger.Undocumented(route.ToString(), exception.Message);
                }
            }
        }

        return endpoints;
    }

    /// <summary>Returns the endpoints that answer, to which the application may have added what it asks of callers.</summary>
    private Dictionary<WebApiRoute, Endpoint> Served()
    {
        var served = new Dictionary<WebApiRoute, Endpoint>(ReferenceEqualityComparer.Instance);
        foreach (var endpoint in services.GetRequiredService<EndpointDataSource>().Endpoints)
        {
            if (endpoint.Metadata.GetMetadata<WebApiMetadata>() is { } metadata)
                served.TryAdd(metadata.Route, endpoint);
        }

        return served;
    }

    private static void AddTexts(RouteEndpointBuilder builder, WebApiRoute route, HandlerSpec? spec, HashSet<string> names)
    {
        if (!builder.Metadata.OfType<IEndpointNameMetadata>().Any())
        {
            // Operation ids must differ; a method with several routes, or an overload, is numbered.
            var name = $"{route.Candidate.Key}.{route.Method.Name}";
            var unique = name;
            for (var number = 2; !names.Add(unique); number++)
                unique = $"{name}.{number}";
            builder.Metadata.Add(new EndpointNameMetadata(unique));
        }

        if (!builder.Metadata.OfType<ITagsMetadata>().Any())
            builder.Metadata.Add(new TagsAttribute(route.Candidate.Key));
        // The method's own words, then the event's.
        var description = builder.Metadata.OfType<DescriptionAttribute>().LastOrDefault()?.Description ?? spec?.Description;
        if (!string.IsNullOrEmpty(description) && !builder.Metadata.OfType<IEndpointDescriptionMetadata>().Any())
            builder.Metadata.Add(new EndpointDescriptionAttribute(description));
    }

    /// <summary>Describes the results that are written otherwise than minimal APIs would.</summary>
    private static void AddResult(RouteEndpointBuilder builder, WebApiRoute route)
    {
        if (ResultFilters.DescribedTypes(route.Method) is not { } types)
            return;
        foreach (var inferred in builder.Metadata.OfType<IProducesResponseTypeMetadata>().Where(static metadata => metadata.StatusCode == StatusCodes.Status200OK).ToList())
            builder.Metadata.Remove((object)inferred);
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, types.Result, types.ContentTypes));
    }
}
