using Ducts.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ducts.Live.Hosting;

/// <summary>A whole server in this process: Kestrel at a free port, a Redis of its own, handlers compiled from files.</summary>
internal sealed class LiveServer : IAsyncDisposable
{
    private readonly List<DuctsClient> _clients = [];
    private WebApplication? _app;

    public string Home { get; } = Directory.CreateTempSubdirectory("ducts-live-").FullName;

    public NotedLog Log { get; } = new();

    public HttpClient Http { get; } = new();

    public IServiceProvider Services => _app!.Services;

    public int Port => Http.BaseAddress!.Port;

    /// <summary>Writes a handler file; the whole of it at once, as editors do.</summary>
    public string Write(string name, string code)
    {
        var path = Path.Combine(Home, "handler", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var unfinished = Path.Combine(Home, Guid.NewGuid().ToString("N"));
        File.WriteAllText(unfinished, code);
        File.Move(unfinished, path, overwrite: true);
        return path;
    }

    /// <param name="configure">Sets options.</param>
    /// <param name="build">Adds handlers, services and configuration.</param>
    /// <param name="map">Maps events.</param>
    public async Task StartAsync(
        Action<DuctsOptions>? configure = null,
        Action<IDuctsBuilder, WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(Log);
        var ducts = builder.Services.AddDucts(options =>
        {
            options.Common.DuctsHome = Home;
            options.Redis.RedisEmbedded = EmbeddedRedisMode.Always;
            configure?.Invoke(options);
        });
        ducts.AddHandlerFolder().UseSocketTransport().AddEmbeddedRedis();
        build?.Invoke(ducts, builder);
        _app = builder.Build();
        _app.MapDucts();
        map?.Invoke(_app);
        await _app.StartAsync();
        Http.BaseAddress = new Uri(_app.Urls.First());
    }

    /// <summary>Connects a session, which ends with this server.</summary>
    public async Task<DuctsClient> ConnectAsync()
    {
        var client = await DuctsClient.ConnectAsync(new Uri(Http.BaseAddress!, "/ducts/wsd"));
        lock (_clients)
            _clients.Add(client);
        return client;
    }

    public void Map(Action<WebApplication> map) => map(_app!);

    public async Task StopAsync() => await _app!.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_clients.Select(static client => client.DisposeAsync().AsTask()));
        Http.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
        Directory.Delete(Home, recursive: true);
    }
}
