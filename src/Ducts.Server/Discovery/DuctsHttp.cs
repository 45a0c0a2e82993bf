using Ducts.Configuration;
using Ducts.Connections;
using Ducts.Connections.Transport;
using Ducts.Identity;
using Ducts.WebApis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ducts.Discovery;

/// <summary>Maps the HTTP endpoints other than WebSockets.</summary>
internal static class DuctsHttp
{
    /// <summary>
    /// The order of endpoints outside the protocol's own root: whatever an application maps there itself, at the default
    /// order of 0, comes first.
    /// </summary>
    public const int LastOrder = int.MaxValue - 1;

    /// <summary>
    /// Adds the services. The application adds <see cref="SessionIssuer"/>, <see cref="Redis.IRedisClient"/> and
    /// <see cref="Handlers.HandlerRegistry"/>.
    /// </summary>
    public static IServiceCollection AddDuctsHttp(this IServiceCollection services)
    {
        services.AddRouting();
        services.AddCors();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TransportLog>();
        services.TryAddSingleton<ServerStop>();
        services.AddSingleton(static provider => new DuctsPaths(provider.GetRequiredService<IOptions<DuctsOptions>>().Value.Server));
        services.AddSingleton<OriginPolicy>();
        services.AddSingleton<HostPolicy>();
        services.AddSingleton<EndpointGuard>();
        services.AddSingleton<IConfigureOptions<CorsOptions>, CrossOriginPolicies>();
        services.AddSingleton<IStartupFilter, HttpPipeline>();
        services.AddSingleton<EventDocuments>();
        services.AddSingleton<ServiceDiscovery>();
        services.AddSingleton<DiscoveryLimits>();
        services.AddSingleton<DiscoveryAdmission>();
        services.AddSingleton<WebApiAdmission>();
        services.AddSingleton<LibraryFolder>();
        services.AddSingleton<DiscoveryEndpoints>();
        services.AddSingleton<EventEndpoints>();
        services.AddSingleton<Libraries>();
        services.AddSingleton<StaticFileEndpoints>();
        services.AddSingleton<PageEndpoints>();
        services.AddSingleton<FormProtection>();
        services.AddSingleton<WebApiBinder>();
        services.AddSingleton<WebApiCatalog>();
        services.AddSingleton<WebApiErrors>();
        services.AddSingleton<WebApiEndpointDataSource>();
        services.AddSingleton<IWebApiSecurity, WebApiSecurity>();
        services.AddSingleton<OpenApiDocuments>();
        return services;
    }

    /// <summary>Maps the protocol's own paths: discovery, event lists, libraries, Web APIs.</summary>
    public static void MapDuctsHttp(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        services.GetRequiredService<DiscoveryEndpoints>().Map(endpoints);
        services.GetRequiredService<EventEndpoints>().Map(endpoints);
        services.GetRequiredService<Libraries>().Map(endpoints);
        endpoints
            .MapMethods(services.GetRequiredService<DuctsPaths>().OpenApi, HttpAnswer.GetAndHead, services.GetRequiredService<OpenApiDocuments>().AnswerAsync)
            .WithDisplayName("Ducts OpenAPI document");
        endpoints.DataSources.Add(services.GetRequiredService<WebApiEndpointDataSource>());
    }
}
