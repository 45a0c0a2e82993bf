using Ducts.Configuration;
using Ducts.Connections;
using Ducts.WebApis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Ducts.Discovery;

/// <summary>
/// What stands before the application's own middleware, for Ducts' paths only: CORS, and a body for errors that routing
/// found below the Web APIs' path (404, 405, 415). With <c>behind_nginx</c>, trusted proxies are believed for all paths.
/// </summary>
internal sealed class HttpPipeline(IOptions<DuctsOptions> options, DuctsPaths paths, OriginPolicy origins, FormProtection forms, EndpointGuard guard) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, next) => FindUnreadableHost(context) is { } host ? guard.RefuseAsync(context, StatusCodes.Status400BadRequest, host.Reason) : next(context));
        if (options.Value.Server.BehindNginx)
        {
            app.Use(static (context, next) =>
            {
                ForwardedPrefix.Check(context.Request.Headers);
                return next(context);
            });
            app.UseMiddleware<ForwardedHeadersMiddleware>(Options.Create(TrustedProxies.ToForwardedHeaders(options.Value.Server)));
        }

        app.UseWhen(IsCrossOrigin, shared =>
        {
            shared.Use((context, next) =>
            {
                // A cache must not give a listed origin what another got; of answers to listed ones the framework says so itself.
                if (origins.DiffersByOrigin && !IsListed(context))
                {
                    context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Origin);
                }

                return next(context);
            });
            shared.UseWhen(context => origins.AllowsAny && !IsListed(context), static any => any.UseCors(CrossOriginPolicies.Any));
            shared.UseWhen(context => !origins.AllowsAny || IsListed(context), static listed => listed.UseCors(CrossOriginPolicies.Listed));
        });
        app.UseWhen(IsWebApi, static api =>
        {
            api.Use(static (context, next) =>
            {
                context.Response.Headers.XContentTypeOptions = "nosniff";
                return next(context);
            });
            api.UseStatusCodePages(static page => Problems.WriteAsync(page.HttpContext, page.HttpContext.Response.StatusCode, Explain(page.HttpContext)));
        });
        next(app);
        forms.Observe(app);
    };

    /// <summary>Returns the host of a request, or the one that a proxy names, if the framework could not read it.</summary>
    private UnreadableHost? FindUnreadableHost(HttpContext context)
    {
        if (!options.Value.Server.BehindNginx || !context.Request.Headers.TryGetValue(ForwardedHeadersDefaults.XForwardedHostHeaderName, out var forwarded))
        {
            return context.Features.Get<UnreadableHost>();
        }

        if (context.Features.Get<UnreadableHost>() is { } host)
        {
            return host;
        }

        // The request's own host, too: the framework notes what it was.
        var unwritable = forwarded.ToString().Split(',', StringSplitOptions.TrimEntries)
            .Append(context.Request.Headers.Host.ToString())
            .FirstOrDefault(static name => !HostNames.IsWritable(name));
        return unwritable is null ? null : new UnreadableHost(unwritable);
    }

    private bool IsWebApi(HttpContext context) => context.Request.Path.Value?.StartsWith(paths.Api, StringComparison.OrdinalIgnoreCase) == true;

    private bool IsCrossOrigin(HttpContext context) =>
        IsWebApi(context)
        || IsQuestionForSocket(context.Request)
        || string.Equals(context.Request.Path.Value, paths.ServiceDiscovery, StringComparison.OrdinalIgnoreCase)
        || string.Equals(context.Request.Path.Value, paths.OpenApi, StringComparison.OrdinalIgnoreCase);

    // How a page learns why its WebSocket was refused. The handshake itself knows no CORS.
    private bool IsQuestionForSocket(HttpRequest request) =>
        request.Path.Value?.StartsWith(paths.WebSocket, StringComparison.OrdinalIgnoreCase) == true
        && !HttpMethods.IsConnect(request.Method)
        && request.Headers.Upgrade.Count == 0;

    private bool IsListed(HttpContext context) => origins.IsListed(context.Request.Headers.Origin.ToString());

    private static string? Explain(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"Nothing answers at {context.Request.Path}.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not allowed here; allowed: {context.Response.Headers.Allow}.",
        StatusCodes.Status415UnsupportedMediaType => $"The body's type '{context.Request.ContentType}' is not one that is read here.",
        _ => null,
    };
}

/// <summary>The CORS policies of Ducts' paths, both by the list that WebSockets obey too.</summary>
internal sealed class CrossOriginPolicies(OriginPolicy origins) : IConfigureOptions<CorsOptions>
{
    /// <summary>The policy of the origins that <c>allowed_origins</c> lists.</summary>
    public const string Listed = "Ducts";

    /// <summary>The policy of all others where the list has <c>*</c>.</summary>
    public const string Any = "Ducts.Any";

    // Chromium keeps none longer than two hours, and a changed list should soon be felt.
    private static readonly TimeSpan PreflightMaxAge = TimeSpan.FromMinutes(10);

    public void Configure(CorsOptions options)
    {
        // Credentials only for origins listed one by one: any page could otherwise act with the user's cookies.
        options.AddPolicy(Listed, policy => Common(policy).SetIsOriginAllowed(origins.IsListed).AllowCredentials());
        options.AddPolicy(Any, static policy => Common(policy).AllowAnyOrigin());
    }

    private static CorsPolicyBuilder Common(CorsPolicyBuilder policy) => policy
        .AllowAnyMethod()
        .AllowAnyHeader()
        .SetPreflightMaxAge(PreflightMaxAge)
        .WithExposedHeaders("ETag", "Last-Modified", "Content-Range", "Accept-Ranges", "Location", "Retry-After");
}
