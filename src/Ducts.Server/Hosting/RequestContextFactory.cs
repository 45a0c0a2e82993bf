using Ducts.Configuration;
using Ducts.Connections;
using Ducts.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Hosting;

/// <summary>
/// Hides session ids, and takes away host names that cannot be read, before the host logs or traces a request: it does so right
/// after it has created the request's context, before any middleware.
/// </summary>
internal sealed class RequestContextFactory(IHttpContextFactory inner, DuctsPaths paths) : IHttpContextFactory
{
    public HttpContext Create(IFeatureCollection featureCollection)
    {
        SessionPath.Hide(featureCollection, paths);
        UnreadableHost.TakeAway(featureCollection);
        return inner.Create(featureCollection);
    }

    public void Dispose(HttpContext httpContext) => inner.Dispose(httpContext);

    /// <summary>Puts the factory before the one that the application has, or before the framework's own.</summary>
    public static void Add(IServiceCollection services)
    {
        var former = FormerService.Find<IHttpContextFactory>(services, static provider => new DefaultHttpContextFactory(provider));
        services.AddSingleton<IHttpContextFactory>(provider => new RequestContextFactory(former(provider), provider.GetRequiredService<DuctsPaths>()));
    }
}
