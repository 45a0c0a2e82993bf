using System.Reflection;
using System.Threading.RateLimiting;
using Ducts;
using Ducts.Discovery;
using Ducts.Dispatch.Filters;
using Ducts.Handlers;
using Ducts.Hosting;
using Ducts.Identity;
using Ducts.Connections.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides extension methods that add optional parts to a Ducts server.</summary>
public static class DuctsBuilderExtensions
{
    /// <summary>Adds the handlers of a compiled assembly: its public classes with <see cref="EventAttribute"/>.</summary>
    /// <param name="builder">The server's builder.</param>
    /// <param name="assembly">The assembly.</param>
    /// <returns>The same builder.</returns>
    public static IDuctsBuilder AddHandlers(this IDuctsBuilder builder, Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(assembly);
        builder.Services.AddSingleton<IHandlerSource>(new AssemblyHandlerSource(assembly));
        return builder;
    }

    /// <summary>
    /// Adds a filter that runs around all events of the application, outside of the filters that single events have. Filters run in the
    /// order in which they are added, the first outermost.
    /// </summary>
    /// <typeparam name="TFilter">
    /// The filter's class. It comes from the request's services if it is one of them; otherwise the server creates one for each request, with
    /// services as constructor arguments, and disposes it when the request has been answered, before those services.
    /// </typeparam>
    /// <param name="builder">The server's builder.</param>
    /// <returns>The same builder.</returns>
    public static IDuctsBuilder AddFilter<TFilter>(this IDuctsBuilder builder)
        where TFilter : IEventFilter
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(new GlobalFilter(typeof(TFilter)));
        return builder;
    }

    /// <summary>
    /// Defines a rate limit, which events use by <see cref="RateLimitAttribute"/> or <c>RequireRateLimiting</c>. Limiters that count how
    /// many requests run at once are of no use here: what a request takes is given back before its handler runs.
    /// </summary>
    /// <typeparam name="TKey">The type of what is counted separately, such as a user's id.</typeparam>
    /// <param name="builder">The server's builder.</param>
    /// <param name="name">The policy's name. One that is defined twice is the later one.</param>
    /// <param name="partition">Returns to which limiter a request belongs, and how to create it.</param>
    /// <returns>The same builder.</returns>
    public static IDuctsBuilder AddRateLimit<TKey>(this IDuctsBuilder builder, string name, Func<EventContext, RateLimitPartition<TKey>> partition)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(partition);
        builder.Services.AddSingleton(_ => new RateLimitPolicy(name, PartitionedRateLimiter.Create(partition)));
        return builder;
    }

    /// <summary>
    /// Replaces Kestrel's socket transport for the whole application with one that hands sockets over to WebSockets: an idle session
    /// then takes less than half the memory, and a message causes fewer thread switches. HTTP and TLS work as before, and
    /// <see cref="DuctsServerOptions.MaxConnections"/> limits all connections of the application.
    /// Servers other than Kestrel ignore it.
    /// </summary>
    /// <param name="builder">The server's builder.</param>
    /// <returns>The same builder.</returns>
    public static IDuctsBuilder UseSocketTransport(this IDuctsBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton<SocketConnections>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, RequestCounting>());
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IConnectionListenerFactory, SocketTransportFactory>());
        return builder;
    }

    /// <summary>
    /// Starts a redis-server together with the application, with its data in <c>.redis</c> below <see cref="DuctsCommonOptions.DuctsHome"/>,
    /// if <see cref="DuctsRedisOptions.RedisUriMain"/> is the default one and nothing listens there. Option
    /// <c>redis_embedded</c> overrides this if set to <c>always</c> or <c>never</c>.
    /// </summary>
    /// <param name="builder">The server's builder.</param>
    /// <param name="inProduction">Whether this also applies in the environment Production. Default: false.</param>
    /// <returns>The same builder.</returns>
    public static IDuctsBuilder AddEmbeddedRedis(this IDuctsBuilder builder, bool inProduction = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(new EmbeddedRedisSettings(inProduction));
        return builder;
    }

    /// <summary>
    /// Adds the health checks of a Ducts server: <c>ducts_handlers</c>, healthy once the handlers are loaded,
    /// <c>ducts_redis</c>, healthy while Redis takes writes, and <c>ducts_node</c>, healthy while the server may open sessions as a node of its
    /// cluster, or is none.
    /// </summary>
    /// <param name="builder">The builder that <c>AddHealthChecks</c> returned.</param>
    /// <param name="tags">The tags of the checks, by which <c>MapHealthChecks</c> can filter.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddDucts(this IHealthChecksBuilder builder, params IEnumerable<string> tags)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .AddCheck<HandlersHealthCheck>("ducts_handlers", failureStatus: null, tags)
            .AddCheck<RedisHealthCheck>("ducts_redis", failureStatus: null, tags)
            .AddCheck<NodeHealthCheck>("ducts_node", failureStatus: null, tags);
    }
}
