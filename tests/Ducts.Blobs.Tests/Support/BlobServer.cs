using Ducts.Client;
using Ducts.Redis;
using Ducts.Redis.Tests;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Blobs.Tests.Support;

/// <summary>A whole server on a real Kestrel at a free port, with BLOBS and nothing else.</summary>
internal sealed class BlobServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly NotedLines _log;

    private BlobServer(WebApplication app, NotedLines log)
    {
        _app = app;
        _log = log;
        Http = new HttpClient { BaseAddress = new Uri(new Uri(app.Urls.First()), "/ducts/api/v1/blobs/") };
    }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public IRedisClient Redis => _app.Services.GetRequiredService<IRedisClient>();

    public static async Task<BlobServer> StartAsync(string redisUri, Action<DuctsOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var log = new NotedLines();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddDucts(options =>
        {
            options.Redis.RedisUriMain = redisUri;
            options.Redis.RedisCommandTimeout = TimeSpan.FromSeconds(30);
            options.Limit.DiscoveryPerSecond = 0;
            configure?.Invoke(options);
        }).AddBlobs();
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapDucts();
        await app.StartAsync();
        return new BlobServer(app, log);
    }

    public Task<DuctsClient> ConnectAsync(DuctsClientOptions? options = null) => DuctsClient.ConnectAsync(new Uri(Http.BaseAddress!, "/ducts/wsd"), options);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Assert.True(_log.Errors is [], string.Join("\n", _log.Errors));
    }
}
