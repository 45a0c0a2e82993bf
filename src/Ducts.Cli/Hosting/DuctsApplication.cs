using Ducts.Handlers;
using Ducts.Redis;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Cli.Hosting;

/// <summary>What makes a bare web application a server of Ducts.</summary>
internal static class DuctsApplication
{
    public static void Add(WebApplicationBuilder builder, ServiceConfiguration configuration)
    {
        builder.Services.AddSingleton(new HandlerConfiguration(configuration.Result.UserSections));
        builder.Services.AddDucts(options => Copy(configuration.Options, options)).AddHandlerFolder();
    }

    public static void Map(WebApplication app) => app.MapDucts();

    public static int CountSessions(IServiceProvider services) => services.GetService<IHandlerManager>()?.Sessions.Count ?? 0;

    public static string DescribeRedis(IServiceProvider services) =>
        services.GetRequiredService<IRedisClient>().IsConnected ? "connected" : "out of reach";

    private static void Copy(DuctsOptions from, DuctsOptions to)
    {
        to.Common = from.Common;
        to.Server = from.Server;
        to.WebServiceDiscovery = from.WebServiceDiscovery;
        to.WebSocketServer = from.WebSocketServer;
        to.Event = from.Event;
        to.Context = from.Context;
        to.Redis = from.Redis;
        to.Auth = from.Auth;
        to.Blobs = from.Blobs;
        to.Log = from.Log;
    }
}
