using System.Net.WebSockets;
using System.Text.Json;
using Ducts.MessagePack;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Tests.Connections;

/// <summary>A server inside ASP.NET Core's test server, which has no sockets and gives messages instead of bytes.</summary>
public sealed class TestServerTests(RedisFixture redis)
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task A_session_of_the_test_servers_client_calls_streams_and_closes()
    {
        await using var app = await StartAsync();
        using var socket = await OpenAsync(app);

        await SendAsync(socket, [0x93, 0x01, 0xCD, 0x03, 0xE8, 0xA2, (byte)'h', (byte)'i']);
        Assert.Equal("[1,1000,\"hi\"]", await ReceiveAsync(socket));
        await SendAsync(socket, [0x93, 0x02, 0xCD, 0x03, 0xE9, 0x02]);
        Assert.Equal("[2,1,[2,1001,0]]", await ReceiveAsync(socket));
        Assert.Equal("[2,2,[2,1001,1]]", await ReceiveAsync(socket));
        Assert.Equal("[2,3,[2,1001,null]]", await ReceiveAsync(socket));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None).WaitAsync(Until.Patience);

        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
        // It may come back.
        Assert.Equal(1, app.Services.GetRequiredService<ISessionCollection>().Count);
    }

    [Fact]
    public async Task Messages_of_all_lengths_pass_in_both_directions_and_in_pieces()
    {
        await using var app = await StartAsync();
        using var socket = await OpenAsync(app);

        foreach (var length in (int[])[0, 1, 100, 125, 126, 20_000, 65_535, 65_536, 300_000])
        {
            var text = new string('x', length);
            var request = PackSerializer.Serialize(new object[] { 1, 1000, text });
            for (var offset = 0; offset < request.Length; offset += 7_000)
            {
                var piece = request.AsMemory(offset, Math.Min(7_000, request.Length - offset));
                await socket.SendAsync(piece, WebSocketMessageType.Binary, offset + piece.Length == request.Length, CancellationToken.None);
            }

            Assert.Equal($"[1,1000,\"{text}\"]", await ReceiveAsync(socket));
        }
    }

    [Fact]
    public async Task A_silent_client_is_not_taken_for_lost()
    {
        await using var app = await StartAsync();
        using var socket = await OpenAsync(app);
        await SendAsync(socket, [0x93, 0x01, 0xCD, 0x03, 0xE8, 0xA2, (byte)'h', (byte)'i']);
        await ReceiveAsync(socket);

        // So many pings would have been sent, and not been answered, over a socket.
        await Task.Delay(PingInterval * 20);

        await SendAsync(socket, [0x93, 0x01, 0xCD, 0x03, 0xE8, 0xA2, (byte)'h', (byte)'i']);
        Assert.Equal("[1,1000,\"hi\"]", await ReceiveAsync(socket));
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_a_session_that_waits()
    {
        await using var app = await StartAsync();
        var (path, socket) = await OpenWithPathAsync(app);
        socket.Abort();

        using var again = await ConnectAsync(app, path + "/reconnect");
        await SendAsync(again, [0x93, 0x01, 0xCD, 0x03, 0xE8, 0xA2, (byte)'h', (byte)'i']);

        Assert.Equal("[1,1000,\"hi\"]", await ReceiveAsync(again));
    }

    [Fact]
    public async Task WebSockets_beyond_the_limit_of_connections_get_503()
    {
        await using var app = await StartAsync(static options => options.Server.MaxConnections = 1);
        using var first = await OpenAsync(app);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => OpenAsync(app));

        Assert.Contains("503", refused.Message, StringComparison.Ordinal);
        first.Abort();
        await Until.TrueAsync(() => app.Services.GetRequiredService<Ducts.Connections.ConnectionLimit>().Count == 0);
        using var next = await OpenAsync(app);
    }

    private static async IAsyncEnumerable<int> Count(int to)
    {
        for (var i = 0; i < to; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    private static async Task<WebSocket> OpenAsync(WebApplication app) => (await OpenWithPathAsync(app)).Socket;

    private static async Task<(string Path, WebSocket Socket)> OpenWithPathAsync(WebApplication app)
    {
        using var http = app.GetTestClient();
        using var wsd = JsonDocument.Parse(await http.GetStringAsync("/ducts/wsd?uuid=1"));
        var path = new Uri(wsd.RootElement.GetProperty("websocket_url").GetString()!).AbsolutePath;
        return (path, await ConnectAsync(app, path));
    }

    private static Task<WebSocket> ConnectAsync(WebApplication app, string path) =>
        app.GetTestServer().CreateWebSocketClient().ConnectAsync(new Uri($"ws://localhost{path}"), CancellationToken.None);

    private static async Task SendAsync(WebSocket socket, byte[] message) =>
        await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

    private static async Task<string> ReceiveAsync(WebSocket socket)
    {
        var bytes = new MemoryStream();
        var buffer = new byte[4096];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).AsTask().WaitAsync(Until.Patience);
            Assert.Equal(WebSocketMessageType.Binary, result.MessageType);
            bytes.Write(buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                return new MessagePackElement(bytes.ToArray()).ToString();
            }
        }
    }

    private async Task<WebApplication> StartAsync(Action<DuctsOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddDucts(options =>
        {
            options.Redis.RedisUriMain = redis.Uri;
            options.WebSocketServer.PingPongInterval = PingInterval;
            configure?.Invoke(options);
        });
        var app = builder.Build();
        app.MapDucts();
        app.MapEvent(1000, "ECHO", (string text) => text);
        app.MapEvent(1001, "COUNT", Count);
        await app.StartAsync();
        return app;
    }
}
