using Ducts.Origins;
using Ducts.StaticFiles;
using Ducts.WebApis;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ducts.Discovery;

/// <summary>Everything that is served over HTTP besides the WebSockets.</summary>
internal static class DuctsHttp
{
    /// <summary>
    /// Registers it. The application registers <see cref="SessionIssuer"/>, <see cref="Redis.IRedisClient"/> and
    /// <see cref="Handlers.HandlerRegistry"/>.
    /// </summary>
    public static IServiceCollection AddDuctsHttp(this IServiceCollection services)
    {
        services.AddRouting();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(static provider => new DuctsPaths(provider.GetRequiredService<IOptions<DuctsOptions>>().Value.Server));
        services.AddSingleton<OriginPolicy>();
        services.AddSingleton<CrossOriginHeaders>();
        services.AddSingleton<EventDocuments>();
        services.AddSingleton<ServiceDiscovery>();
        services.AddSingleton<ClientLibraries>();
        services.AddSingleton<LibraryFolder>();
        services.AddSingleton<DiscoveryEndpoints>();
        services.AddSingleton<EventEndpoints>();
        services.AddSingleton<LibraryEndpoints>();
        services.AddSingleton<HealthEndpoints>();
        services.AddSingleton<StaticFileEndpoints>();
        services.AddSingleton<WelcomeEndpoints>();
        services.AddSingleton<WebApiBinder>();
        services.AddSingleton<WebApiCatalog>();
        services.AddSingleton<WebApiErrors>();
        services.AddSingleton<WebApiEndpointDataSource>();
        services.AddSingleton<OpenApiDocuments>();
        services.AddSingleton<OpenApiEndpoint>();
        services.AddSingleton<IStartupFilter, WebApiFilter>();
        return services;
    }

    /// <summary>Maps it.</summary>
    public static void MapDuctsHttp(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        services.GetRequiredService<DiscoveryEndpoints>().Map(endpoints);
        services.GetRequiredService<EventEndpoints>().Map(endpoints);
        services.GetRequiredService<LibraryEndpoints>().Map(endpoints);
        services.GetRequiredService<HealthEndpoints>().Map(endpoints);
        services.GetRequiredService<StaticFileEndpoints>().Map(endpoints);
        services.GetRequiredService<WelcomeEndpoints>().Map(endpoints);
        services.GetRequiredService<OpenApiEndpoint>().Map(endpoints);
        endpoints.DataSources.Add(services.GetRequiredService<WebApiEndpointDataSource>());
    }
}
