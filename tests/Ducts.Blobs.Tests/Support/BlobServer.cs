using System.Collections.Concurrent;
using Ducts.Client;
using Ducts.Redis;
using Ducts.Redis.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Blobs.Tests.Support;

/// <summary>A whole server on a real Kestrel at a free port, with BLOBS and nothing else.</summary>
internal sealed class BlobServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _errors;

    private BlobServer(WebApplication app, ConcurrentQueue<string> errors)
    {
        _app = app;
        _errors = errors;
        Http = new HttpClient { BaseAddress = new Uri(new Uri(app.Urls.First()), "/ducts/api/v1/blobs/") };
    }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public IRedisClient Redis => _app.Services.GetRequiredService<IRedisClient>();

    public static async Task<BlobServer> StartAsync(string redisUri, Action<DuctsOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var errors = new ConcurrentQueue<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(new ErrorLog(errors));
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
        return new BlobServer(app, errors);
    }

    public Task<DuctsClient> ConnectAsync(DuctsClientOptions? options = null) => DuctsClient.ConnectAsync(new Uri(Http.BaseAddress!, "/ducts/wsd"), options);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Assert.True(_errors.IsEmpty, string.Join("\n", _errors));
    }

    private sealed class ErrorLog(ConcurrentQueue<string> errors) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                errors.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
