using System.Collections.Concurrent;
using Ducts.Discovery;
using Ducts.Handlers;
using Ducts.Identity;
using Ducts.Sessions;
using Ducts.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ducts.Server.Tests.Discovery;

/// <summary>The HTTP side on a real Kestrel at a free port, with a folder of its own and sessions that are only noted.</summary>
internal sealed class HttpHost : IAsyncDisposable
{
    public const string SessionId = "3bf0e158b223fe43fb8c2681f918d9e38c8a7393.MTY0NjU2MTE0NjE1NC0w";

    public const string SessionKey = "a2V5";

    private readonly WebApplication _app;

    private HttpHost(WebApplication app, string folder, HandlerRegistry registry)
    {
        _app = app;
        Folder = folder;
        Registry = registry;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public string Folder { get; }

    public HandlerRegistry Registry { get; }

    public IServiceProvider Services => _app.Services;

    public int Port => Client.BaseAddress!.Port;

    public ConcurrentQueue<SessionOpening> Issued { get; } = new();

    public ConcurrentQueue<string> Log { get; } = new();

    /// <summary>Thrown instead of issuing a session.</summary>
    public Exception? IssueFailure { get; set; }

    public static async Task<HttpHost> StartAsync(
        Action<DuctsOptions>? configure = null,
        HandlerSnapshot? snapshot = null,
        Action<IServiceCollection>? addServices = null,
        Action<WebApplication>? map = null)
    {
        var folder = Directory.CreateTempSubdirectory("ducts-http-").FullName;
        var options = new DuctsOptions();
        options.Common.DuctsHome = folder;
        configure?.Invoke(options);
        var registry = new HandlerRegistry();
        registry.Swap(snapshot ?? new HandlerSnapshot([new HandlerSpec(0, "ALIVE_MONITORING") { Callback = true }, new HandlerSpec(1000, "MY_SAMPLE_TEST")], []));

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        HttpHost? host = null;
        builder.Logging.AddProvider(new NotedLog(line => host?.Log.Enqueue(line)));
        builder.Services.AddSingleton(Options.Create(options));
        builder.Services.AddSingleton(registry);
        builder.Services.AddSingleton<SessionIndex>();
        builder.Services.AddSingleton<ServerMetrics>();
        builder.Services.AddSingleton<RequestRates>();
        builder.Services.AddSingleton(static provider => new UserAdmission(provider.GetRequiredService<SessionIndex>(), null!, TimeProvider.System));
        builder.Services.AddSingleton<SessionIssuer>((opening, _) =>
        {
            if (host!.IssueFailure is { } failure)
                throw failure;
            host.Issued.Enqueue(opening);
            return ValueTask.FromResult(new IssuedTicket(SessionId, SessionKey));
        });
        builder.Services.AddDuctsHttp();
        builder.Services.AddHealthChecks().AddDucts();
        addServices?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapGuardedGroup().MapDuctsHttp();
        app.MapDuctsPages();
        app.MapDuctsStaticFiles();
        app.MapDuctsHealthChecks();
        map?.Invoke(app);
        await app.StartAsync();
        return host = new HttpHost(app, folder, registry);
    }

    public string Write(string path, string text)
    {
        var full = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
