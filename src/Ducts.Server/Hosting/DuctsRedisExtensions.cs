using Ducts;
using Ducts.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Ducts' Redis client to programs, and says which Redis a server uses.</summary>
public static class DuctsRedisExtensions
{
    /// <summary>
    /// Adds <see cref="Ducts.Redis.IRedisClient"/>, connected when the program starts, as section
    /// <c>ducts.redis_config</c> has it: with the server's embedded Redis where that is in use.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddDuctsRedis(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<RedisHost>();
        services.TryAddSingleton(static provider => provider.GetRequiredService<RedisHost>().Client);
        services.AddHostedService<RedisHostService>();
        return services;
    }

    /// <summary>
    /// Uses an application's own connection to Redis. It stays the application's, with its credentials and certificates;
    /// dedicated connections and transactions use connections opened from its configuration.
    /// </summary>
    /// <param name="builder">The server.</param>
    /// <param name="multiplexer">The connection; it is not disposed of with the server.</param>
    /// <returns>The same server.</returns>
    public static IDuctsBuilder UseRedis(this IDuctsBuilder builder, IConnectionMultiplexer multiplexer)
    {
        ArgumentNullException.ThrowIfNull(multiplexer);
        return builder.UseRedis(_ => multiplexer);
    }

    /// <summary>Uses an application's own connection to Redis, taken from its services when the server starts.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="multiplexer">Gets the connection; it is not disposed of with the server.</param>
    /// <returns>The same server.</returns>
    public static IDuctsBuilder UseRedis(this IDuctsBuilder builder, Func<IServiceProvider, IConnectionMultiplexer> multiplexer)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(multiplexer);
        builder.Services.AddSingleton(new RedisChoice(null, multiplexer));
        return builder;
    }

    /// <summary>Uses the Redis that a string names, instead of the one in the options; none is started where it is missing.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="connectionString">
    /// A URI such as <c>redis://user:password@host:6379/0</c>, or a connection string of StackExchange.Redis such as
    /// <c>host:6379,password=secret,ssl=true</c>.
    /// </param>
    /// <returns>The same server.</returns>
    public static IDuctsBuilder UseRedis(this IDuctsBuilder builder, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        builder.Services.AddSingleton(new RedisChoice(connectionString, null));
        return builder;
    }
}
