using Ducts.Redis;
using Ducts.Redis.Embedded;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Ducts.Server.Tests.Hosting;

/// <summary>Which Redis a server uses, when its application chooses one in code.</summary>
public sealed class RedisExtensionsTests(RedisFixture redis)
{
    private const string Nowhere = "unix:///nowhere/redis.sock";

    private string Socket => redis.Uri["unix://".Length..];

    [Fact]
    public async Task An_applications_multiplexer_is_used_and_stays_open()
    {
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"!{Socket},name=own");
        await using (var app = await StartAsync(ducts => ducts.UseRedis(multiplexer)))
        {
            await AssertWorksAsync(app);
            var name = await app.Services.GetRequiredService<IRedisClient>().ExecuteAsync("CLIENT", "GETNAME");
            Assert.Equal("own", name.ToString());
            await app.StopAsync();
        }

        Assert.True(multiplexer.IsConnected);
        Assert.True(await multiplexer.GetDatabase().PingAsync() > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_multiplexer_is_taken_from_the_applications_services_when_the_server_starts()
    {
        await using var app = await StartAsync(ducts =>
        {
            ducts.Services.AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect($"!{Socket}"));
            ducts.UseRedis(static services => services.GetRequiredService<IConnectionMultiplexer>());
        });

        await AssertWorksAsync(app);
    }

    [Fact]
    public async Task A_URI_names_the_Redis()
    {
        await using var app = await StartAsync(ducts => ducts.UseRedis(redis.Uri));

        await AssertWorksAsync(app);
    }

    [Fact]
    public async Task A_connection_string_of_the_library_names_the_Redis()
    {
        await using var app = await StartAsync(ducts => ducts.UseRedis($"!{Socket},defaultDatabase=3"));

        await AssertWorksAsync(app);
        var client = await app.Services.GetRequiredService<IRedisClient>().ExecuteAsync("CLIENT", "INFO");
        Assert.Contains(" db=3 ", client.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_choice_counts()
    {
        await using var app = await StartAsync(ducts => ducts.UseRedis(Nowhere).UseRedis(redis.Uri));

        await AssertWorksAsync(app);
    }

    [Fact]
    public async Task A_server_whose_URI_leads_nowhere_does_not_start()
    {
        var error = await Assert.ThrowsAsync<RedisUnavailableException>(() => StartAsync(static ducts => ducts.UseRedis(Nowhere)));

        Assert.Contains("/nowhere/redis.sock", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_whose_multiplexer_has_not_reached_Redis_starts_says_so_and_is_ready_later()
    {
        var folder = Directory.CreateTempSubdirectory("ducts-late-").FullName;
        var lines = new NotedLines();
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"!{folder}/redis.sock,abortConnect=false,connectTimeout=500");
        await using var app = await StartAsync(
            ducts =>
            {
                ducts.Services.AddLogging(logging => logging.AddProvider(lines));
                ducts.UseRedis(multiplexer);
            });
        using var http = app.GetTestClient();
        using (var unready = await http.GetAsync("/readyz"))
        {
            Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, unready.StatusCode);
        }

        Assert.Contains(lines.All, static line => line.Contains("has not reached Redis", StringComparison.Ordinal));
        await using var server = await EmbeddedRedis.StartAsync(folder, NullLogger.Instance, CancellationToken.None);
        Assert.Equal($"{folder}/redis.sock", server.Socket);
        await Until.TrueAsync(() => multiplexer.IsConnected);

        await AssertWorksAsync(app);
    }

    [Fact]
    public async Task A_failover_between_the_servers_of_a_multiplexer_costs_clients_503_and_passes_though_the_old_primary_stays_up()
    {
        var folder = Directory.CreateTempSubdirectory("ducts-failover-").FullName;
        await using (var first = await EmbeddedRedis.StartAsync(Path.Combine(folder, "1"), NullLogger.Instance, CancellationToken.None))
        await using (var second = await EmbeddedRedis.StartAsync(Path.Combine(folder, "2"), NullLogger.Instance, CancellationToken.None))
        await using (var admin1 = await RedisClient.ConnectAsync(new RedisClientOptions { Uri = first.Uri }, NullLoggerFactory.Instance))
        await using (var admin2 = await RedisClient.ConnectAsync(new RedisClientOptions { Uri = second.Uri }, NullLoggerFactory.Instance))
        {
            var (port1, port2) = (await ListenAsync(admin1), await ListenAsync(admin2));
            await admin2.ExecuteAsync("REPLICAOF", "127.0.0.1", port1);
            await Until.TrueAsync(async () => (await admin2.ExecuteAsync("INFO", "replication")).AsString()!.Contains("master_link_status:up", StringComparison.Ordinal));
            await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port1},127.0.0.1:{port2}");
            await using var app = await StartAsync(ducts => ducts.UseRedis(multiplexer));
            await AssertWorksAsync(app);

            await admin2.ExecuteAsync("REPLICAOF", "NO", "ONE");
            await admin1.ExecuteAsync("REPLICAOF", "127.0.0.1", port2);
            using var http = app.GetTestClient();
            await Until.TrueAsync(async () =>
            {
                using var answer = await http.GetAsync("/ducts/wsd?uuid=1");
                Assert.True(answer.IsSuccessStatusCode || (answer.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter is not null), await answer.Content.ReadAsStringAsync());
                return answer.IsSuccessStatusCode;
            });

            await AssertWorksAsync(app);
            Assert.Equal(1, (await admin2.ExecuteAsync("EXISTS", "SESSION/2020")).AsInt64());
        }

        Directory.Delete(folder, recursive: true);

        static async Task<int> ListenAsync(IRedisClient redis)
        {
            // The port is free when it is asked for; another may take it before Redis does.
            for (var attempt = 1; ; attempt++)
            {
                using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
                listener.Start();
                var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
                listener.Stop();
                try
                {
                    await redis.ExecuteAsync("CONFIG", "SET", "port", port);
                    return port;
                }
                catch (RedisErrorException) when (attempt < 10)
                {
                    // Taken.
                }
            }
        }
    }

    [Fact]
    public void A_choice_of_nothing_is_refused()
    {
        var ducts = new ServiceCollection().AddDucts();

        Assert.Throws<ArgumentNullException>(() => ducts.UseRedis((IConnectionMultiplexer)null!));
        Assert.Throws<ArgumentNullException>(() => ducts.UseRedis((Func<IServiceProvider, IConnectionMultiplexer>)null!));
        Assert.Throws<ArgumentException>(() => ducts.UseRedis(""));
    }

    private static async Task AssertWorksAsync(WebApplication app)
    {
        using var http = app.GetTestClient();
        Assert.Equal("{\"status\":\"ok\"}", await http.GetStringAsync("/readyz"));
        Assert.Contains("websocket_url", await http.GetStringAsync("/ducts/wsd?uuid=1"), StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartAsync(Action<IDuctsBuilder> choose)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddHealthChecks().AddDucts();
        choose(builder.Services.AddDucts(static options => (options.Redis.RedisUriMain, options.Redis.RedisStartTimeout) = (Nowhere, TimeSpan.Zero)));
        var app = builder.Build();
        app.MapDucts();
        app.MapDuctsHealthChecks();
        await app.StartAsync();
        return app;
    }
}
