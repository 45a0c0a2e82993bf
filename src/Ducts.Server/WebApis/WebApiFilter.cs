using Ducts.Discovery;
using Ducts.Origins;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Ducts.WebApis;

/// <summary>
/// Stands before everything else of the application: believes trusted proxies, lets listed origins in, and gives errors
/// that routing found below the API's path (404, 405, 415) a body.
/// </summary>
internal sealed class WebApiFilter(IOptions<DuctsOptions> options, DuctsPaths paths, CrossOriginHeaders crossOrigin) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (options.Value.Server.BehindNginx)
            app.UseMiddleware<ForwardedHeadersMiddleware>(Options.Create(TrustedProxies.ToForwardedHeaders(options.Value.Server)));
        app.Use(Surround);
        next(app);
    };

    private RequestDelegate Surround(RequestDelegate next) => context =>
    {
        var path = context.Request.Path.Value ?? "";
        if (path.StartsWith(paths.Api, StringComparison.OrdinalIgnoreCase))
            return AnswerApiAsync(context, next);
        var isShared = path.Equals(paths.ServiceDiscovery, StringComparison.OrdinalIgnoreCase)
            || path.Equals(paths.OpenApi, StringComparison.OrdinalIgnoreCase);
        return isShared && crossOrigin.Apply(context) ? Task.CompletedTask : next(context);
    };

    private async Task AnswerApiAsync(HttpContext context, RequestDelegate next)
    {
        if (crossOrigin.Apply(context))
            return;
        var response = context.Response;
        response.Headers.XContentTypeOptions = "nosniff";
        await next(context);
        if (response.StatusCode < StatusCodes.Status400BadRequest || response.HasStarted
            || response.ContentLength > 0 || response.ContentType is not null)
        {
            return;
        }

        await Problem.Of(response.StatusCode, Explain(context)).WriteAsync(context);
    }

    private static string? Explain(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"Nothing answers at {context.Request.Path}.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not allowed here; allowed: {context.Response.Headers.Allow}.",
        StatusCodes.Status415UnsupportedMediaType => $"The body's type '{context.Request.ContentType}' is not one that is read here.",
        _ => null,
    };
}
