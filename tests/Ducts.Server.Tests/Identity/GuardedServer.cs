using System.Text.Json;
using Ducts.Handlers;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Ducts.Server.Tests.Identity;

/// <summary>A server on a real Kestrel whose users say by a header who they are, with handlers of the test.</summary>
internal sealed class GuardedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;

    private GuardedServer(WebApplication app, string folder, NotedLines log)
    {
        _app = app;
        _folder = folder;
        Log = log;
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.First()) };
    }

    public NotedLines Log { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a server.</summary>
    /// <param name="redis">Its Redis.</param>
    /// <param name="build">Adds services.</param>
    /// <param name="map">Maps events.</param>
    /// <param name="configure">Sets options.</param>
    /// <param name="handlers">Handler classes, whose events are 2000, 2001 and so on, with their names as keys.</param>
    /// <param name="hasScheme">Whether the application authenticates anybody.</param>
    /// <param name="conventions">Are added to all endpoints of Ducts.</param>
    /// <param name="before">Adds services before Ducts does.</param>
    public static async Task<GuardedServer> StartAsync(
        RedisFixture redis,
        Action<IDuctsBuilder>? build = null,
        Action<WebApplication>? map = null,
        Action<DuctsOptions>? configure = null,
        Type[]? handlers = null,
        bool hasScheme = true,
        Action<IEndpointConventionBuilder>? conventions = null,
        Action<IServiceCollection>? before = null)
    {
        var folder = Directory.CreateTempSubdirectory("ducts-guards-").FullName;
        var log = new NotedLines();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        if (hasScheme)
            builder.Services.AddAuthentication(HeaderAuthentication.Name).AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>(HeaderAuthentication.Name, null);
        builder.Services.AddSingleton<IHandlerSource>(new Given(handlers ?? []));
        before?.Invoke(builder.Services);
        var ducts = builder.Services.AddDucts(options =>
        {
            options.Common.DuctsHome = folder;
            options.Redis.RedisUriMain = redis.Uri;
            configure?.Invoke(options);
        });
        build?.Invoke(ducts);
        var app = builder.Build();
        var endpoints = app.MapDucts();
        conventions?.Invoke(endpoints);
        map?.Invoke(app);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new GuardedServer(app, folder, log);
    }

    /// <summary>Opens a session of a user; null for none.</summary>
    public async Task<WireClient> OpenAsync(string? user = null)
    {
        using var answer = await DiscoverAsync(user);
        return await WireClient.OpenAsync(Http.BaseAddress!.Port, new Uri(answer.RootElement.GetProperty("websocket_url").GetString()!).AbsolutePath);
    }

    /// <summary>What service discovery tells a user; null for none.</summary>
    public async Task<JsonDocument> DiscoverAsync(string? user = null)
    {
        using var answer = await GetAsync("/ducts/wsd?uuid=test", user);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A ticket with which a session can authenticate anew.</summary>
    public async Task<string> IssueTicketAsync(string? user)
    {
        using var answer = await DiscoverAsync(user);
        return new Uri(answer.RootElement.GetProperty("websocket_url").GetString()!).Segments[^1];
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? user = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (user is not null)
            request.Headers.Add(HeaderAuthentication.Header, user);
        return Http.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Given(Type[] handlers) : IHandlerSource
    {
        public Task<HandlerSet> LoadAsync(CancellationToken cancellationToken) =>
            Task.FromResult(new HandlerSet([.. handlers.Select(static (type, index) => new HandlerCandidate(2000 + index, type.Name, type, type.Name))], []));

        public IChangeToken? Watch() => null;
    }
}
