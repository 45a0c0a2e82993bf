using System.Text.Json;
using System.Text;
using Ducts.Connections;
using Ducts.Groups;
using Ducts.Handlers;
using Ducts.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ducts.Tests.Support;

/// <summary>A whole server on a real Kestrel at a free port, with the events of <see cref="WireEvents"/>.</summary>
internal sealed class WireServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly HttpClient _http;

    private WireServer(WebApplication app, string folder, NotedLines log, WireEvents events)
    {
        _app = app;
        _folder = folder;
        Log = log;
        Events = events;
        _http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Port = _http.BaseAddress.Port;
    }

    public int Port { get; }

    public NotedLines Log { get; }

    public WireEvents Events { get; }

    public T Service<T>()
        where T : notnull =>
        _app.Services.GetRequiredService<T>();

    public HookTrace Hooks => _app.Services.GetRequiredService<HookTrace>();

    public ServerStop Stop => _app.Services.GetRequiredService<ServerStop>();

    public SessionRegistry Registry => _app.Services.GetRequiredService<SessionRegistry>();

    public MemoryBudget Memory => _app.Services.GetRequiredService<MemoryBudget>();

    public ConnectionLimit Limit => _app.Services.GetRequiredService<ConnectionLimit>();

    public ISessionCollection Sessions => _app.Services.GetRequiredService<ISessionCollection>();

    public IUserCollection Users => _app.Services.GetRequiredService<IUserCollection>();

    public GroupRegistry Groups => _app.Services.GetRequiredService<GroupRegistry>();

    public SessionContext Context => _app.Services.GetRequiredService<SessionContext>();

    public Redis.IRedisClient Redis => _app.Services.GetRequiredService<Redis.IRedisClient>();

    public static async Task<WireServer> StartAsync(RedisFixture redis, Action<DuctsOptions>? configure = null, Action<WebApplication>? map = null, bool withEvents = true, Action<IWebHostBuilder>? host = null, Action<IEndpointConventionBuilder>? conventions = null)
    {
        var folder = Directory.CreateTempSubdirectory("ducts-wire-").FullName;
        var log = new NotedLines();
        var events = new WireEvents();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        host?.Invoke(builder.WebHost);
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton<HookTrace>();
        builder.Services.AddSingleton<IHandlerSource, HookHandlers>();
        builder.Services.AddDucts(options =>
        {
            options.Common.DuctsHome = folder;
            options.Redis.RedisUriMain = redis.Uri;
            configure?.Invoke(options);
        }).UseSocketTransport();
        var app = builder.Build();
        var endpoints = app.MapDucts();
        conventions?.Invoke(endpoints);
        if (withEvents)
            events.Map(app);
        map?.Invoke(app);
        await app.StartAsync();
        return new WireServer(app, folder, log, events);
    }

    /// <summary>Asks service discovery for a session.</summary>
    public async Task<Issued> IssueAsync(string query = "")
    {
        using var answer = JsonDocument.Parse(await _http.GetStringAsync("/ducts/wsd?uuid=test" + query));
        var path = new Uri(answer.RootElement.GetProperty("websocket_url").GetString()!).AbsolutePath;
        var id = path[(path.LastIndexOf('.') + 1)..];
        return new Issued(path, Encoding.ASCII.GetString(Convert.FromBase64String(id))) { Key = answer.RootElement.GetProperty("session_key").GetString()! };
    }

    /// <summary>Opens a session whose client counts messages, or takes it over.</summary>
    public async Task<ResumingClient> ResumeAsync(Issued issued, long received = 0, string? life = null, long attempt = 1) =>
        await ResumingClient.OpenAsync(Port, issued, received, life, attempt);

    public async Task<WireClient> OpenAsync(int? receiveBuffer = null) =>
        await WireClient.OpenAsync(Port, (await IssueAsync()).Path, receiveBuffer);

    public async Task<WireClient> OpenAsync(Issued issued) => await WireClient.OpenAsync(Port, issued.Path);

    public async Task<WireClient> ReconnectAsync(Issued issued) => await WireClient.OpenAsync(Port, issued.ReconnectPath);

    /// <summary>Opens a session and cuts its socket, so that it waits for another.</summary>
    public async Task<Session> OpenWaitingAsync()
    {
        var issued = await IssueAsync();
        var client = await OpenAsync(issued);
        await Until.TrueAsync(() => Hooks.Seen.Contains("b:connected", StringComparison.Ordinal));
        client.Reset();
        await Until.TrueAsync(() => Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));
        return Session(issued);
    }

    /// <summary>Creates a connection over a stream, not yet attached.</summary>
    public Connection CreateConnection(Session session, Stream stream, Action abort) =>
        CreateConnection(session, WebSocketTransport.Over(stream, abort));

    public Connection CreateConnection(Session session, WebSocketTransport transport) =>
        _app.Services.GetRequiredService<ConnectionFactory>().Create(session, transport);

    /// <summary>Creates a wheel that a test turns.</summary>
    public TimerWheel CreateWheel() => new(
        _app.Services.GetRequiredService<IOptions<DuctsOptions>>().Value,
        TimeProvider.System,
        _app.Services.GetRequiredService<ConnectionLog>());

    /// <summary>Creates a connection whose times the test decides.</summary>
    public Connection CreateConnection(Session session, WebSocketTransport transport, TimerWheel wheel) => new ConnectionFactory(
        _app.Services.GetRequiredService<IOptions<DuctsOptions>>(),
        _app.Services.GetRequiredService<DispatchWatch>(),
        wheel,
        TimeProvider.System,
        _app.Services.GetRequiredService<ConnectionLog>()).Create(session, transport);

    /// <summary>Gives a session a connection over a stream, which sends what waits.</summary>
    public Connection Connect(Session session, Stream stream) => Connect(session, WebSocketTransport.Over(stream, static () => { }));

    public Connection Connect(Session session, WebSocketTransport transport)
    {
        var connection = CreateConnection(session, transport);
        session.Outbox.Attach(connection);
        connection.Sender.Start();
        return connection;
    }

    /// <summary>The session of an id; it must live.</summary>
    public Session Session(Issued issued) => Registry.Live.Single(session => session.Ticket.StreamId == issued.StreamId);

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Events.Release.TrySetResult();
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
