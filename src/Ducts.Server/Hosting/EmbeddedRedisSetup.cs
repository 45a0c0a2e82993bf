using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Ducts.Hosting;

/// <summary>What <c>AddEmbeddedRedis</c> was told.</summary>
/// <param name="InProduction">Whether a redis-server may be started in the environment Production, too.</param>
internal sealed record EmbeddedRedisSettings(bool InProduction);

/// <summary>
/// Keeps <c>redis_embedded = auto</c> from starting a redis-server where the application has not asked for one. The option's
/// other values are somebody's explicit wish and stay.
/// </summary>
internal sealed class EmbeddedRedisSetup(IEnumerable<EmbeddedRedisSettings> asked, IHostEnvironment? environment = null) : IPostConfigureOptions<DuctsOptions>
{
    public void PostConfigure(string? name, DuctsOptions options)
    {
        var isAllowed = asked.Any(settings => settings.InProduction || environment?.IsProduction() == false);
        if (!isAllowed && options.Redis.RedisEmbedded == EmbeddedRedisMode.Auto)
        {
            options.Redis.RedisEmbedded = EmbeddedRedisMode.Never;
        }
    }
}
