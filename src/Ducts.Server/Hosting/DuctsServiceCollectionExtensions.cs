using Ducts;
using Ducts.BuiltIn;
using Ducts.Cluster;
using Ducts.Configuration;
using Ducts.Connections;
using Ducts.Connections.Transport;
using Ducts.Discovery;
using Ducts.Dispatch;
using Ducts.Dispatch.Filters;
using Ducts.Groups;
using Ducts.Handlers;
using Ducts.Hosting;
using Ducts.Identity;
using Ducts.Sessions;
using Ducts.Telemetry;
using Ducts.WebApis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides an extension method that adds a Ducts server to an application.</summary>
public static class DuctsServiceCollectionExtensions
{
    /// <summary>
    /// Adds a Ducts server: sessions, events, Web APIs. Its options come from section <c>Ducts</c> of the configuration, then
    /// from <paramref name="configure"/>; <c>app.MapDucts()</c> maps its endpoints. Optional parts are added to the returned
    /// builder or mapped separately. Services of the application are not replaced.
    /// </summary>
    /// <remarks>
    /// When the application stops, running requests have <see cref="DuctsWebSocketOptions.ShutdownTimeout"/> to complete. Set
    /// <see cref="HostOptions.ShutdownTimeout"/> to at least two seconds more; the defaults of 10 and 30 seconds meet this.
    /// </remarks>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets options; null to change none.</param>
    /// <returns>A builder that adds handlers and optional parts.</returns>
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
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<DuctsOptions>, EmbeddedRedisSetup>());

        services.AddSingleton<ServerAttributes>();
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<RedisHost>();
        services.AddSingleton<IRedisSource>(static provider => provider.GetRequiredService<RedisHost>());
        services.AddSingleton(static provider => provider.GetRequiredService<RedisHost>().Client);
        services.AddSingleton<TransportLog>();
        services.AddSingleton<ServerStop>();
        services.AddSingleton<ConnectionLimit>();
        services.AddSingleton<DispatchWatch>();
        services.AddSingleton<ConnectionFactory>();
        services.AddSingleton(static provider => new MemoryBudget(provider.GetRequiredService<IOptions<DuctsOptions>>()));
        services.AddSingleton<WireSerializer>();
        services.AddSingleton<ErrorReporter>();
        services.AddSingleton<Dispatcher>();
        services.AddSingleton<IMessageDispatcher>(static provider => provider.GetRequiredService<Dispatcher>());
        services.AddSingleton<IPushPacker, PushPacker>();
        services.AddSingleton(static provider => new Broadcast(
            provider.GetRequiredService<IPushPacker>(),
            provider.GetRequiredService<MemoryBudget>(),
            ClusterSetup.FeedOf(provider)));
        services.AddSingleton<GroupRegistry>();
        services.AddSingleton<IGroupCollection>(static provider => provider.GetRequiredService<GroupRegistry>());
        services.AddSingleton<IGroupKeeper>(static provider => provider.GetRequiredService<GroupRegistry>());
        services.AddSingleton<HandlerRegistry>();
        services.AddSingleton<IEventTable>(static provider => provider.GetRequiredService<HandlerRegistry>());
        services.AddSingleton<ISessionObserver, HookRunner>();
        services.AddSingleton(static provider => new HandlerEnvironment(
            provider.GetRequiredService<IRedisSource>(),
            new HandlerServices(provider),
            provider.GetRequiredService<ServerAttributes>(),
            provider.GetRequiredService<ISessionCollection>(),
            provider.GetRequiredService<IUserCollection>(),
            provider.GetRequiredService<IGroupCollection>()));
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
            provider.GetRequiredService<IOptions<DuctsOptions>>().Value.Event.MinUserHandlerId,
            provider.GetRequiredService<EventDecorations>(),
            provider.GetRequiredService<WireSerializer>(),
            provider));
        services.AddSingleton<EventDecorations>();
        // What comes first is innermost.
        services.AddSingleton<IEventDecorator, FilterDecorator>();
        services.AddSingleton<IEventDecorator, RateLimitDecorator>();
        // Outermost: who may not call an event takes nothing of what those have who may.
        services.AddSingleton<IEventDecorator, AuthorizationDecorator>();
        services.AddSingleton<AuthorizationDecisions>();
        services.AddSingleton<BuiltInEvents>();
        services.AddDataProtection();
        services.AddSingleton<RequestRates>();
        services.AddSingleton<IRequestRates>(static provider => provider.GetRequiredService<RequestRates>());
        services.AddSingleton<TicketSeal>();
        services.AddSingleton<VoidedTickets>();
        services.AddSingleton<SessionTickets>();
        services.AddSingleton<SessionIndex>();
        services.AddSingleton<UserRevocations>();
        services.AddSingleton<UserAdmission>();
        services.AddSingleton(static provider => new UserCollection(
            provider.GetRequiredService<SessionRegistry>(),
            provider.GetRequiredService<SessionIndex>(),
            provider.GetRequiredService<UserRevocations>(),
            provider.GetRequiredService<Broadcast>(),
            ClusterSetup.FeedOf(provider)));
        services.AddSingleton<IUserCollection>(static provider => provider.GetRequiredService<UserCollection>());
        services.AddSingleton<SessionIssuer>(static provider => provider.GetRequiredService<SessionTickets>().IssueAsync);
        services.AddSingleton<LateSignals>();
        services.AddSingleton(static provider => new TimerWheel(
            provider.GetRequiredService<IOptions<DuctsOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ConnectionLog>()));
        services.AddSingleton<SessionContext>();
        ClusterSetup.Add(services);
        services.AddSingleton(static provider => new SessionRegistry(
            provider.GetRequiredService<SessionContext>(),
            provider.GetRequiredService<SessionTickets>(),
            provider.GetRequiredService<VoidedTickets>(),
            provider.GetRequiredService<SessionIndex>(),
            provider.GetRequiredService<DispatchWatch>(),
            provider.GetRequiredService<Broadcast>(),
            ClusterSetup.PlacementOf(provider)));
        services.AddSingleton(static provider => new SessionRouter(provider.GetRequiredService<SessionRegistry>(), ClusterSetup.PlacementOf(provider)));
        services.AddSingleton<ISessionCollection>(static provider => provider.GetRequiredService<SessionRegistry>());
        services.AddSingleton<ResumingEndpoint>();
        services.AddSingleton<SessionEndpoint>();
        services.AddSingleton<ConnectionLog>();
        services.AddSingleton<SessionLog>();
        services.AddSingleton<DispatchLog>();
        services.AddSingleton<HandlerLog>();
        services.AddDuctsHttp();
        RequestContextFactory.Add(services);
        services.AddAuthorization();
        AuthorizationAnswers.Add(services);
        services.AddHostedService<DuctsServerService>();
        services.AddHostedService<SessionSweeper>();
        services.AddHostedService<NodeService>();
        return builder;
    }
}
