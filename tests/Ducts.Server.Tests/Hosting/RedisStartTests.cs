using Ducts.Hosting;
using Ducts.Redis;
using Ducts.Redis.Embedded;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ducts.Server.Tests.Hosting;

/// <summary>How a start waits for its Redis, and what it says of one that nobody has named.</summary>
public sealed class RedisStartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ducts-start-").FullName;
    private readonly NotedLines _lines = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_start_waits_for_a_Redis_that_comes_later()
    {
        var starting = StartAsync(options => options.Redis.RedisUriMain = $"unix://{_folder}/.redis/redis.sock");
        await Until.TrueAsync(() => _lines.All.Any(static line => line.Contains("the start waits up to 30 s", StringComparison.Ordinal)));
        Assert.False(starting.IsCompleted);

        await using var redis = await EmbeddedRedis.StartAsync(Path.Combine(_folder, ".redis"), NullLogger.Instance, CancellationToken.None);
        await using var app = await starting;

        using var http = app.GetTestClient();
        Assert.Contains("websocket_url", await http.GetStringAsync("/ducts/wsd?uuid=1"), StringComparison.Ordinal);
        Assert.Single(_lines.All, static line => line.Contains("the start waits", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_start_says_how_long_it_has_waited_in_vain()
    {
        var error = await Assert.ThrowsAsync<RedisUnavailableException>(() => StartAsync(options =>
        {
            options.Redis.RedisUriMain = $"unix://{_folder}/nowhere.sock";
            options.Redis.RedisStartTimeout = TimeSpan.FromSeconds(0.3);
        }));

        Assert.Contains("/nowhere.sock cannot be reached", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("as long as redis_start_timeout says, 0.3 s.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_that_is_to_wait_for_nothing_fails_at_once()
    {
        await Assert.ThrowsAsync<RedisUnavailableException>(() => StartAsync(options =>
        {
            options.Redis.RedisUriMain = $"unix://{_folder}/nowhere.sock";
            options.Redis.RedisStartTimeout = TimeSpan.Zero;
        }));

        Assert.DoesNotContain(_lines.All, static line => line.Contains("the start waits", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_password_is_not_waited_for()
    {
        await using var redis = await EmbeddedRedis.StartAsync(Path.Combine(_folder, ".redis"), NullLogger.Instance, CancellationToken.None);
        await using (var client = await RedisClient.ConnectAsync(new RedisClientOptions { Uri = redis.Uri }, NullLoggerFactory.Instance))
            await client.ExecuteAsync("CONFIG", "SET", "requirepass", "right");

        // With an hour to wait, the test would not end.
        var error = await Assert.ThrowsAsync<RedisErrorException>(() => StartAsync(options =>
        {
            options.Redis.RedisUriMain = redis.Uri.Replace("unix://", "unix://:wrong@", StringComparison.Ordinal);
            options.Redis.RedisStartTimeout = TimeSpan.FromHours(1);
        }));

        Assert.Equal("WRONGPASS", error.Code);
    }

    [Fact]
    public async Task A_Redis_that_ran_already_at_the_default_address_is_named_in_the_log_with_what_to_set()
    {
        await using var redis = await EmbeddedRedis.StartAsync(Path.Combine(_folder, "foreign"), NullLogger.Instance, CancellationToken.None);
        var options = new DuctsOptions();
        options.Common.DuctsHome = _folder;
        options.Redis.RedisUriMain = redis.Uri;
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(_lines));
        await using var services = new ServiceCollection().BuildServiceProvider();

        await using var host = new RedisHost(Options.Create(options), loggers, services, TimeProvider.System) { DefaultUri = redis.Uri };
        await host.StartAsync(TestContext.Current.CancellationToken);

        Assert.False(Directory.Exists(Path.Combine(_folder, ".redis")));
        Assert.Contains(_lines.All, static line => line.Contains("may be another program's", StringComparison.Ordinal)
            && line.Contains("redis_uri_main", StringComparison.Ordinal) && line.Contains("redis_embedded = always", StringComparison.Ordinal));
    }

    private async Task<WebApplication> StartAsync(Action<DuctsOptions> configure)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddLogging(logging => logging.AddProvider(_lines));
        builder.Services.AddDucts(options =>
        {
            options.Common.DuctsHome = _folder;
            configure(options);
        });
        var app = builder.Build();
        app.MapDucts();
        await app.StartAsync();
        return app;
    }
}
