using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Ducts.Connections;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Tests.Connections.Transport;

/// <summary>WebSockets that take their socket from the server, and the HTTP that goes on without.</summary>
public sealed class HandoverTests(RedisFixture redis)
{
    [Fact]
    public async Task Frames_right_behind_the_handshake_are_read()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await WireClient.ConnectAsync(server.Port);

        await client.SendRawAsync((byte[])[
            .. Handshake(server, issued.Path),
            .. WireClient.FrameBytes(Opcode.Binary, Packed.From("[1,1000,1]")),
            .. WireClient.FrameBytes(Opcode.Binary, Packed.From("[2,1000,2]"))[..3],
        ]);
        await client.ReadAnswerAsync();

        Assert.Equal(101, client.Status);
        Assert.Equal("[1,1000,1]", await client.ReceiveAsync());
        await client.SendRawAsync(WireClient.FrameBytes(Opcode.Binary, Packed.From("[2,1000,2]")).AsMemory(3));
        Assert.Equal("[2,1000,2]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_connection_that_has_served_requests_becomes_a_WebSocket()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await WireClient.ConnectAsync(server.Port);
        for (var i = 0; i < 3; i++)
        {
            await client.SendRawAsync(Encoding.ASCII.GetBytes($"HEAD /ducts/libs/ducts.js HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\n\r\n"));
            await client.ReadAnswerAsync();
            Assert.Equal(200, client.Status);
        }

        await client.SendRawAsync(Handshake(server, issued.Path));
        await client.ReadAnswerAsync();

        Assert.Equal(101, client.Status);
        Assert.Equal("[1,1000,1]", await client.CallAsync("[1,1000,1]"));
    }

    [Fact]
    public async Task The_request_ends_with_the_handshake_and_the_socket_goes_on()
    {
        var ended = new TaskCompletionSource();
        await using var server = await WireServer.StartAsync(redis, map: app => app.Use(async (HttpContext context, RequestDelegate next) =>
        {
            await next(context);
            if (context.Response.StatusCode == StatusCodes.Status101SwitchingProtocols)
                ended.SetResult();
        }));

        await using var client = await server.OpenAsync();

        await ended.Task.WaitAsync(Until.Patience);
        for (var i = 0; i < 100; i++)
            Assert.Equal($"[{i},1000,{i}]", await client.CallAsync($"[{i},1000,{i}]"));
    }

    [Fact]
    public async Task A_close_frame_arrives_although_the_server_has_left_bytes_unread()
    {
        await using var server = await WireServer.StartAsync(redis);
        await using var client = await server.OpenAsync();

        // A frame without a mask, and more than the server reads at once behind it.
        await client.SendRawAsync((byte[])[.. WireClient.FrameBytes(Opcode.Binary, Packed.From("[1,1000,1]"), masked: false), .. new byte[512 * 1024]]);

        Assert.Equal("close 1002 protocol error", await client.ReceiveAsync());
        Assert.Equal("end", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_reset_is_noticed_while_requests_wait()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.MaxInflight = 1);
        await using var client = await server.OpenAsync();
        await client.SendAsync("[1,1006,\"x\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        await client.SendAsync("[2,1000,2]");

        client.Reset();

        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));
        Assert.Equal(1, server.Events.Held);
    }

    [Fact]
    public async Task A_socket_does_not_replace_one_whose_handshake_began_later()
    {
        await using var server = await WireServer.StartAsync(redis);
        var issued = await server.IssueAsync();
        await using var client = await server.OpenAsync(issued);
        await client.CallAsync("[1,1000,1]");
        var session = server.Session(issued);
        using var early = server.CreateConnection(session, Stream.Null, static () => { });
        using var late = server.CreateConnection(session, Stream.Null, static () => { });
        var (first, second) = (session.TakeTurn(), session.TakeTurn());

        Assert.True(session.TryAttach(late, second, out _));
        Assert.False(session.TryAttach(early, first, out _));

        Assert.Same(late, session.CurrentConnection);
        Assert.Equal("close 4001 replaced", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_request_whose_client_goes_away_is_cancelled()
    {
        var began = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var server = await WireServer.StartAsync(redis, map: app => app.MapGet("/wait", async (CancellationToken aborted) =>
        {
            await using var registration = aborted.Register(cancelled.SetResult);
            began.SetResult();
            await cancelled.Task;
        }));
        var client = await WireClient.ConnectAsync(server.Port);
        await client.SendRawAsync(Encoding.ASCII.GetBytes($"GET /wait HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\n\r\n"));
        await began.Task.WaitAsync(Until.Patience);

        client.Reset();

        await cancelled.Task.WaitAsync(Until.Patience);
    }

    [Fact]
    public async Task WebSockets_over_TLS_leave_their_socket_to_the_server()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var folder = Directory.CreateTempSubdirectory("ducts-tls-").FullName;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        builder.Services.AddDucts(options =>
        {
            options.Common.DuctsHome = folder;
            options.Redis.RedisUriMain = redis.Uri;
        }).UseSocketTransport();
        await using var app = builder.Build();
        app.MapDucts();
        app.MapEvent(1000, "ECHO", static (int number) => number);
        await app.StartAsync();
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, served, _, _) => served?.GetCertHashString() == certificate.GetCertHashString() } };
        using var http = new HttpClient(handler);
        var discovery = await http.GetStringAsync(new Uri(app.Urls.First() + "/ducts/wsd?uuid=test"));
        var address = System.Text.Json.JsonDocument.Parse(discovery).RootElement.GetProperty("websocket_url").GetString()!;
        Assert.StartsWith("wss://", address, StringComparison.Ordinal);

        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(address), http, CancellationToken.None).WaitAsync(Until.Patience);
        await socket.SendAsync(Packed.From("[1,1000,7]"), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        var reply = new byte[64];
        var received = await socket.ReceiveAsync(reply, CancellationToken.None).WaitAsync(Until.Patience);

        Assert.Equal("[1,1000,7]", Packed.ToJson(reply.AsSpan(0, received.Count)));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).WaitAsync(Until.Patience);
        await app.StopAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Requests_are_served_on_a_Unix_socket()
    {
        var folder = Directory.CreateTempSubdirectory("ducts-unix-").FullName;
        var path = Path.Combine(folder, "http.sock");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path));
        builder.Services.AddDucts(options =>
        {
            options.Common.DuctsHome = folder;
            options.Redis.RedisUriMain = redis.Uri;
        }).UseSocketTransport();
        await using var app = builder.Build();
        app.MapDucts();
        await app.StartAsync();
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
                await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(path), cancellationToken);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpClient(handler);

        Assert.Contains("websocket_url", await http.GetStringAsync(new Uri("http://localhost/ducts/wsd?uuid=test")), StringComparison.Ordinal);
        await app.StopAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static byte[] Handshake(WireServer server, string path) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\n\r\n");
}
