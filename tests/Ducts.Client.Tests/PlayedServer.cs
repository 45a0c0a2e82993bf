using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;
using Ducts.MessagePack;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Client.Tests;

/// <summary>A server on a free loopback port that sends exactly the frames a test tells it to.</summary>
public sealed class PlayedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<PlayedSocket> _sockets = Channel.CreateUnbounded<PlayedSocket>();
    private readonly TaskCompletionSource _stopping = new();

    private PlayedServer(WebApplication app) => _app = app;

    /// <summary>The keys and ids that discovery names.</summary>
    public Dictionary<string, int> Events { get; } = new() { ["ALIVE_MONITORING"] = 0, ["LOOP_RESPONSE_START"] = 1, ["ECHO"] = 1000, ["COUNT"] = 1001 };

    public Uri Discovery => new($"{_app.Urls.First()}/ducts/wsd");

    /// <summary>The query of the last discovery.</summary>
    public IQueryCollection? Query { get; private set; }

    /// <summary>The header Authorization of each discovery; empty where it was not sent.</summary>
    public ConcurrentQueue<string> Authorizations { get; } = [];

    /// <summary>The query of the last handshake.</summary>
    public string SocketQuery { get; private set; } = "";

    /// <summary>The headers of the last handshake.</summary>
    public Dictionary<string, string> SocketHeaders { get; private set; } = [];

    /// <summary>Answers of discovery other than its own.</summary>
    public Func<HttpContext, Task>? Discover { get; set; }

    /// <summary>More fields of the answers of discovery.</summary>
    public Dictionary<string, object> MoreOfDiscovery { get; } = [];

    /// <summary>How often discovery was asked.</summary>
    public int Discoveries { get; private set; }

    /// <summary>Whether /reconnect is refused.</summary>
    public bool RefusesReconnect { get; set; }

    /// <summary>The status with which WebSockets are refused, as by a proxy; 0: they are not.</summary>
    public int SocketStatus { get; set; }

    /// <summary>The body of what WebSockets are refused with.</summary>
    public string SocketRefusal { get; set; } = "";

    /// <summary>How many WebSockets were refused.</summary>
    public int Refusals { get; private set; }

    /// <summary>The header Retry-After of what is refused.</summary>
    public string? RetryAfter { get; set; }

    public int Reconnects { get; private set; }

    public static async Task<PlayedServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseWebSockets();
        var server = new PlayedServer(app);
        app.Map("/ducts/wsd", server.AnswerDiscoveryAsync);
        app.Map("/ducts/ws/v1/{session}", context => server.AcceptAsync(context));
        app.Map("/ducts/ws/v1/{session}/reconnect", context => server.ReconnectAsync(context));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Makes discovery answer as a server of version 2 does.</summary>
    public void SpeakVersion2(long inboxLimit = 1 << 20, double aliveInterval = 5)
    {
        MoreOfDiscovery["session_key"] = "the key";
        MoreOfDiscovery["inbox_limit"] = inboxLimit;
        MoreOfDiscovery["alive_monitoring_interval"] = aliveInterval;
        Events["CANCEL"] = 6;
    }

    /// <summary>The next socket a client opened.</summary>
    public async Task<PlayedSocket> NextSocketAsync() => await _sockets.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _stopping.TrySetResult();
        await _app.DisposeAsync();
    }

    private async Task AnswerDiscoveryAsync(HttpContext context)
    {
        Query = context.Request.Query;
        Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
        Discoveries++;
        if (Discover is not null)
        {
            await Discover(context);
            return;
        }

        var url = $"ws://{context.Request.Host}/ducts/ws/v1/abc.def";
        await context.Response.WriteAsJsonAsync(
            new Dictionary<string, object>(MoreOfDiscovery) { ["websocket_url"] = url, ["websocket_url_reconnect"] = url + "/reconnect", ["EVENT"] = Events }, context.RequestAborted);
    }

    private async Task ReconnectAsync(HttpContext context)
    {
        Reconnects++;
        if (RefusesReconnect && SocketStatus == 0)
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        else
            await AcceptAsync(context);
    }

    private async Task AcceptAsync(HttpContext context)
    {
        SocketQuery = context.Request.QueryString.Value!;
        SocketHeaders = context.Request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        if (SocketStatus != 0)
        {
            Refusals++;
            context.Response.StatusCode = SocketStatus;
            context.Response.Headers.RetryAfter = RetryAfter;
            await context.Response.WriteAsync(SocketRefusal);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var played = new PlayedSocket(socket, context.Abort);
        await _sockets.Writer.WriteAsync(played);
        await Task.WhenAny(played.Ended, _stopping.Task);
    }
}
