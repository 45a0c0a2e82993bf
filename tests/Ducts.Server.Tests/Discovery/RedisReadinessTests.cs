using System.Net;
using Ducts.Redis;
using Ducts.Redis.Embedded;
using Ducts.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ducts.Server.Tests.Discovery;

public sealed class RedisReadinessTests
{
    [Theory]
    [InlineData("READONLY", "REPLICAOF", "127.0.0.1", "1")]
    [InlineData("OOM", "CONFIG", "SET", "maxmemory", "1")]
    [InlineData("NOREPLICAS", "CONFIG", "SET", "min-replicas-to-write", "1")]
    public async Task A_Redis_that_takes_no_writes_is_not_ready(string reason, params string[] command)
    {
        var folder = Directory.CreateTempSubdirectory("ducts-ready-").FullName;
        await using (var server = await EmbeddedRedis.StartAsync(folder, NullLogger.Instance, CancellationToken.None))
        await using (var redis = await RedisClient.ConnectAsync(new RedisClientOptions { Uri = server.Uri }, NullLoggerFactory.Instance, CancellationToken.None))
        await using (var host = await HttpHost.StartAsync(addServices: services => services.AddSingleton<IRedisClient>(redis)))
        {
            Assert.Equal("""{"status":"ok"}""", await host.Client.GetStringAsync("/readyz"));
            Assert.Equal(0, (await redis.ExecuteAsync("DBSIZE")).AsInt64());

            await redis.ExecuteAsync(command[0], command[1..]);
            using var ready = await host.Client.GetAsync("/readyz");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            Assert.StartsWith($$"""{"error":"Redis does not take writes: {{reason}} """, await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            // A server that is none for writes makes the client look again, by a new connection.
            await Until.TrueAsync(() => redis.IsConnected);
        }

        Directory.Delete(folder, recursive: true);
    }

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
