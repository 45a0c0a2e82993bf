using System.Net;
using Ducts.Redis;
using Ducts.Redis.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ducts.Server.Tests.Discovery;

public sealed class RedisReadinessTests
{
    [Fact]
    public async Task With_Redis_it_is_ready_and_without_everything_says_so_at_once()
    {
        var folder = Directory.CreateTempSubdirectory("ducts-ready-").FullName;
        var server = await EmbeddedRedis.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
        await using var redis = await RedisClient.ConnectAsync(
            new RedisClientOptions { Uri = server.Uri, CommandTimeout = TimeSpan.FromMinutes(10) }, NullLoggerFactory.Instance, CancellationToken.None);
        await using var host = await HttpHost.StartAsync(addServices: services => services.AddSingleton<IRedisClient>(redis));
        Assert.Equal("""{"status":"ok"}""", await host.Client.GetStringAsync("/readyz"));
        await host.Client.GetStringAsync("/ducts/wsd?uuid=1");

        await server.DisposeAsync();
        while (redis.IsConnected)
            await Task.Delay(10);
        // The command timeout is far beyond the test's: an answer that waits for Redis would not come.
        foreach (var path in (string[])["/readyz", "/ducts/wsd?uuid=1", "/ducts/main"])
        {
            using var answer = await host.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Contains("Redis is out of reach", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Single(host.Issued);
        Assert.Equal("""{"status":"ok"}""", await host.Client.GetStringAsync("/healthz"));
        Directory.Delete(folder, recursive: true);
    }
}
