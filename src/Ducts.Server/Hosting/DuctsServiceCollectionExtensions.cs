using System.Reflection;
using Ducts;
using Ducts.BuiltIn;
using Ducts.Configuration;
using Ducts.Connections;
using Ducts.Discovery;
using Ducts.Dispatch;
using Ducts.Handlers;
using Ducts.Hosting;
using Ducts.Sessions;
using Ducts.Telemetry;
using Ducts.WebApis;
using Ducts.Connections.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a Ducts server to an application.</summary>
public static class DuctsServiceCollectionExtensions
{
    // The host waits this much longer than the sessions' own time before it gives a stop up.
    private static readonly TimeSpan ShutdownMargin = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Adds a Ducts server. Its options come from section <c>Ducts</c> of the configuration, then from
    /// <paramref name="configure"/>; its addresses are mapped by <c>app.MapDucts()</c>.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets options; null to leave them.</param>
    /// <returns>A builder to add handlers with.</returns>
    public static IDuctsBuilder AddDucts(this IServiceCollection services, Action<DuctsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<DuctsOptions>, DuctsOptionsSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<DuctsOptions>, DuctsOptionsSetup>());
        if (configure is not null)
            services.Configure(configure);
        var builder = new DuctsBuilder(services);
        if (services.Any(static service => service.ServiceType == typeof(SessionRegistry)))
            return builder;

        services.AddRouting();
        services.AddMetrics();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DuctsOptions>, DuctsOptionsValidator>());
        services.AddOptions<HostOptions>().Configure<IOptions<DuctsOptions>>(static (host, ducts) =>
            host.ShutdownTimeout = ducts.Value.WebSocketServer.ShutdownTimeout + ShutdownMargin);

        services.AddSingleton<ServerAttributes>();
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<RedisHost>();
        services.AddSingleton<IRedisSource>(static provider => provider.GetRequiredService<RedisHost>());
        services.AddSingleton(static provider => provider.GetRequiredService<RedisHost>().Client);
        services.AddSingleton<DispatchWatch>();
        services.AddSingleton<ConnectionFactory>();
        services.AddSingleton<WireSerializer>();
        services.AddSingleton<ErrorReporter>();
        services.AddSingleton<Dispatcher>();
        services.AddSingleton<IMessageDispatcher>(static provider => provider.GetRequiredService<Dispatcher>());
        services.AddSingleton<IPushPacker, PushPacker>();
        services.AddSingleton<HandlerRegistry>();
        services.AddSingleton<IEventTable>(static provider => provider.GetRequiredService<HandlerRegistry>());
        services.AddSingleton<ISessionObserver, HookRunner>();
        services.AddSingleton(static provider => new HandlerEnvironment(
            provider.GetRequiredService<IRedisSource>(),
            new HandlerServices(provider),
            provider.GetRequiredService<ServerAttributes>(),
            provider.GetRequiredService<ISessionCollection>()));
        services.AddSingleton<IHandlerValidator>(static provider => provider.GetRequiredService<WebApiCatalog>());
        services.AddSingleton<HandlerLoader>();
        services.AddSingleton(static provider => provider.GetRequiredService<HandlerLoader>().Manager);
        services.AddSingleton<HandlerActivator>();
        services.TryAddSingleton(static provider => new HandlerConfiguration(provider.GetRequiredService<IConfiguration>().GetSection(DuctsOptionsSetup.SectionName)));
        services.AddSingleton<IHandlerSource>(static provider =>
        {
            var options = provider.GetRequiredService<IOptions<DuctsOptions>>().Value;
            return new PluginModules(options.Context.PluginModules, options.Common.DuctsHome);
        });
        services.AddSingleton(static provider => new EventMap(
            provider.GetRequiredService<BuiltInEvents>().All,
            provider.GetRequiredService<IOptions<DuctsOptions>>().Value.Event.MinUserHandlerId));
        services.AddSingleton<BuiltInEvents>();
        services.AddSingleton<SessionTickets>();
        services.AddSingleton<SessionIssuer>(static provider => provider.GetRequiredService<SessionTickets>().IssueAsync);
        services.AddSingleton<SessionContext>();
        services.AddSingleton<SessionRegistry>();
        services.AddSingleton<ISessionCollection>(static provider => provider.GetRequiredService<SessionRegistry>());
        services.AddSingleton<SessionEndpoint>();
        services.AddSingleton<IConnectionListenerFactory, SocketTransportFactory>();
        services.AddSingleton<TransportLog>();
        services.AddSingleton<ConnectionLog>();
        services.AddSingleton<SessionLog>();
        services.AddSingleton<DispatchLog>();
        services.AddSingleton<HandlerLog>();
        services.AddDuctsHttp();
        services.AddHostedService<DuctsServerService>();
        services.AddHostedService<SessionSweeper>();
        return builder;
    }

    /// <summary>Adds the handlers of a compiled assembly: its public classes with <see cref="EventAttribute"/>.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="assembly">The assembly.</param>
    /// <returns>The server.</returns>
    public static IDuctsBuilder AddHandlers(this IDuctsBuilder builder, Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(assembly);
        builder.Services.AddSingleton<IHandlerSource>(new AssemblyHandlerSource(assembly));
        return builder;
    }
}
