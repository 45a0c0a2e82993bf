using Ducts.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Ducts' Redis client to a program that is no server.</summary>
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
}
