using Ducts.Cli.Identity;
using Ducts.Configuration;
using Ducts.Handlers;
using Ducts.Redis;
using Ducts.Scripting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Cli.Hosting;

/// <summary>What makes a bare web application a server of Ducts.</summary>
internal static class DuctsApplication
{
    public static void Add(WebApplicationBuilder builder, ServiceConfiguration configuration)
    {
        builder.Services.AddSingleton(new HandlerConfiguration(configuration.Result.UserSections) { RequiresHandlers = !configuration.Options.Event.Reload });
        builder.Services
            .AddDucts(options => Copy(configuration.Options, options))
            .AddHandlerFolder()
            .AddBlobs()
            .UseSocketTransport()
            .AddEmbeddedRedis(inProduction: true);
        builder.Services.AddHealthChecks().AddDucts();
        IdentityServices.Add(builder.Services, configuration.Options);
    }

    public static void Map(WebApplication app)
    {
        app.MapDucts();
        app.MapDuctsPages();
        app.MapDuctsStaticFiles();
        app.MapDuctsHealthChecks();
    }

    /// <summary>The sections that neither a handler nor the startup file took, known when the handlers are loaded.</summary>
    public static IReadOnlyList<ConfigProblem> FindUnknownSections(IServiceProvider services, LoadedStartup startup, ServiceConfiguration configuration) =>
        configuration.Result.HasUserSections
            ? configuration.Result.FindUnknownSections(HandlerSections.Of(services.GetRequiredService<IHandlerManager>().Handlers.Select(static handler => handler.GetType()), startup).Select(HandlerSections.NameOf))
            : [];

    public static int CountSessions(IServiceProvider services) => services.GetRequiredService<ISessionCollection>().Count;

    /// <summary>Where Redis is and how it is, on a line.</summary>
    public static string Describe(IRedisClient redis)
    {
        var status = redis.Status;
        return redis.IsConnected
            ? $"connected to {status.Endpoint}"
            : $"not connected to {status.Endpoint} since {status.Since.ToLocalTime():yyyy-MM-dd HH:mm:ss}{(status.LastError is null ? "" : $": {status.LastError}")}";
    }

    internal static void Copy(DuctsOptions from, DuctsOptions to)
    {
        to.Common = from.Common;
        to.Server = from.Server;
        to.WebServiceDiscovery = from.WebServiceDiscovery;
        to.WebSocketServer = from.WebSocketServer;
        to.Event = from.Event;
        to.Context = from.Context;
        to.Blobs = from.Blobs;
        to.Redis = from.Redis;
        to.Auth = from.Auth;
        to.Limit = from.Limit;
        to.Cluster = from.Cluster;
        to.Tls = from.Tls;
        to.Log = from.Log;
    }
}
