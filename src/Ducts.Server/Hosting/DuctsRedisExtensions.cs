using Ducts;
using Ducts.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides extension methods that add Ducts' Redis client to a program and choose the Redis that a server uses.</summary>
public static class DuctsRedisExtensions
{
    /// <summary>
    /// Adds <see cref="Ducts.Redis.IRedisClient"/>, which connects when the program starts, as configured in section
    /// <c>ducts.redis_config</c>; to the server's embedded Redis where that is in use.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddDuctsRedis(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RedisHost>();
        services.TryAddSingleton(static provider => provider.GetRequiredService<RedisHost>().Client);
        services.AddHostedService<RedisHostService>();
        return services;
    }

    /// <summary>
    /// Uses the application's own connection to Redis, with its credentials and certificates. The application keeps ownership of it;
    /// dedicated connections and transactions use connections opened from its configuration.
    /// </summary>
    /// <param name="builder">The server's builder.</param>
    /// <param name="multiplexer">The connection; the server does not dispose it.</param>
    /// <returns>The same builder.</returns>
    public static IDuctsBuilder UseRedis(this IDuctsBuilder builder, IConnectionMultiplexer multiplexer)
    {
        ArgumentNullException.ThrowIfNull(multiplexer);
        return builder.UseRedis(_ => multiplexer);
    }

    /// <summary>Uses the application's own connection to Redis, which a function returns when the server starts.</summary>
    /// <param name="builder">The server's builder.</param>
    /// <param name="multiplexer">Returns the connection; the server does not dispose it.</param>
    /// <returns>The same builder.</returns>
    public static IDuctsBuilder UseRedis(this IDuctsBuilder builder, Func<IServiceProvider, IConnectionMultiplexer> multiplexer)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(multiplexer);
        builder.Services.AddSingleton(new RedisChoice(null, multiplexer));
        return builder;
    }

    /// <summary>Uses the Redis at an address instead of the one in the options. The server then never starts an embedded Redis.</summary>
    /// <param name="builder">The server's builder.</param>
    /// <param name="connectionString">
    /// A URI such as <c>redis://user:password@host:6379/0</c>, or a connection string of StackExchange.Redis such as
    /// <c>host:6379,password=secret,ssl=true</c>.
    /// </param>
    /// <returns>The same builder.</returns>
    public static IDuctsBuilder UseRedis(this IDuctsBuilder builder, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        builder.Services.AddSingleton(new RedisChoice(connectionString, null));
        return builder;
    }
}
