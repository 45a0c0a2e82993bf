using Ducts.Telemetry.Logging;
using System.Globalization;
using System.Security.Claims;
using System.Text;
using Ducts.Configuration;
using Ducts.Connections;
using Ducts.Redis;
using Ducts.Sessions;
using Ducts.WebApis;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ducts.Discovery;

/// <summary>Service discovery as JSON and as JavaScript.</summary>
internal sealed class DiscoveryEndpoints(
    IOptions<DuctsOptions> options,
    DuctsPaths paths,
    ServiceDiscovery discovery,
    DiscoveryLimits limits,
    DiscoveryAdmission admission,
    TimeProvider time,
    Libraries libraries,
    OriginPolicy origins,
    IServiceProvider services,
    ILogger<DiscoveryEndpoints> logger)
{
    // What a client should wait before it asks again; Redis is regained within about that time.
    private const string RetryAfterSeconds = "2";

    private readonly LogInterval _mayLog = new(time, TimeSpan.FromSeconds(10));

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods(paths.ServiceDiscovery, HttpAnswer.Get, AnswerAsync).WithDisplayName("Ducts service discovery");
        endpoints.MapMethods(paths.ServiceDiscoveryJsonp, HttpAnswer.Get, AnswerScriptAsync).WithDisplayName("Ducts service discovery, JSONP");
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (!query.ContainsKey("uuid") && !query.ContainsKey("ts"))
        {
            await HttpAnswer.WriteErrorAsync(context, StatusCodes.Status403Forbidden, "the query parameter 'uuid' is missing");
            return;
        }

        if (await OpenAsync(context, forScript: false) is { } answer)
            await HttpAnswer.WriteAsync(context, StatusCodes.Status200OK, HttpAnswer.Json, answer);
    }

    private async Task AnswerScriptAsync(HttpContext context)
    {
        // Any page can load a script from anywhere, and reads what it is called with.
        if (origins.OfScript(context.Request) == OriginAccess.Refused)
        {
            await HttpAnswer.WriteScriptErrorAsync(context, StatusCodes.Status403Forbidden, "A page of this origin may not load this script; see option allowed_origins.");
            return;
        }

        if (context.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<IAuthorizeData>() is not null && metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            await HttpAnswer.WriteScriptErrorAsync(context, StatusCodes.Status403Forbidden, "This server requires a user, and a session that a script opens has none; use fetch instead.");
            return;
        }

        // Nor is it told whether the page acts for the user, whose cookies come along.
        context.User = new ClaimsPrincipal(new ClaimsIdentity());
        var server = options.Value.Server;
        var callback = context.Request.Query[server.JsonpCallbackQuery] is [{ } named] ? named : server.JsonpCallbackDefault;
        if (context.Request.Query[server.JsonpCallbackQuery].Count > 1 || !JsonpCallback.IsValid(callback))
        {
            await HttpAnswer.WriteErrorAsync(context, StatusCodes.Status400BadRequest, $"'{server.JsonpCallbackQuery}' must be a JavaScript name such as app.start");
            return;
        }

        if (await OpenAsync(context, forScript: true) is not { } answer)
            return;

        // The library comes along instead of being loaded from the page: no second request, no order to keep, no other host.
        var library = libraries.Script;
        using var script = new MemoryStream(library.Length + answer.Length + 256);
        script.Write(library.Span);
        // The library calls the function once the page's plugins are loaded; a user's own library may not know of it.
        script.Write("\n;(globalThis.ducts?._local?.callback ?? (run => run()))(() => {"u8);
        script.Write(Encoding.ASCII.GetBytes($"\n;{callback}("));
        script.Write(answer);
        script.Write(");\n});\n"u8);
        await HttpAnswer.WriteAsync(context, StatusCodes.Status200OK, HttpAnswer.JavaScript, script.GetBuffer().AsMemory(0, (int)script.Length));
    }

    /// <summary>The answer, or null when an error has been written.</summary>
    private async ValueTask<byte[]?> OpenAsync(HttpContext context, bool forScript)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (limits.Check(context) is { } refusal)
        {
            if (refusal.RetryAfter is { } seconds)
            {
                context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            }

            await HttpAnswer.WriteErrorAsync(context, refusal.Status, refusal.Reason);
            return null;
        }

        try
        {
            // A command would wait for the connection to come back. A client is better told at once to ask again.
            if (services.GetService<IRedisClient>() is { IsConnected: false })
                throw new RedisUnavailableException("The connection to Redis was lost; the server is reconnecting.");
            var user = forScript ? new SessionUser() : RequestUser.Of(context);
            return await admission.AnswerRefusalAsync(context, user) ? null : await discovery.OpenAsync(context, user, forScript);
        }
        catch (RedisClientException exception)
        {
            if (_mayLog.TryPass())
            {
                logger.RedisOutOfReach(exception.Message);
            }

            context.Response.Headers.RetryAfter = RetryAfterSeconds;
            await HttpAnswer.WriteErrorAsync(context, StatusCodes.Status503ServiceUnavailable, RedisHealthCheck.Describe(exception));
            return null;
        }
    }
}
