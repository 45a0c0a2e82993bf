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
        choose(builder.Services.AddDucts(static options => options.Redis.RedisUriMain = Nowhere));
        var app = builder.Build();
        app.MapDucts();
        app.MapDuctsHealthChecks();
        await app.StartAsync();
        return app;
    }
}
