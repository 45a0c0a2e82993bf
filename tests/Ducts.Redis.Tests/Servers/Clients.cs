using Microsoft.Extensions.Logging.Abstractions;

namespace Ducts.Redis.Tests;

internal static class Clients
{
    public static Task<RedisClient> ConnectAsync(string uri, Action<RedisClientOptions>? configure = null)
    {
        // Generous, for a machine that does other things; tests of the timeout set their own.
        var options = new RedisClientOptions { Uri = uri, CommandTimeout = TimeSpan.FromSeconds(20), ConnectTimeout = TimeSpan.FromSeconds(20) };
        configure?.Invoke(options);
        return RedisClient.ConnectAsync(options, NullLoggerFactory.Instance);
    }
}
