using System.Collections.Concurrent;
using System.Net.WebSockets;

namespace Ducts.Load.Peers;

/// <summary>Kestrel's own WebSockets. Bytes are copied and never looked at; what they mean is in the path.</summary>
internal static class BareWebSockets
{
    private const int ReceiveSize = 4096;
    private const int Items = 100_000;

    // The length of an item of Ducts' stream: [1, 2, [1, 1003, 99999]].
    private static readonly byte[] Item = new byte[13];

    // The message that a follower of Ducts gets: [1, 2, [1, 1004, 16 letters]].
    private static readonly byte[] News = new byte[25];

    private static readonly byte[] Blob = new byte[10 * 1024 * 1024];
    private static readonly ConcurrentDictionary<WebSocket, bool> Followers = new();

    // As often as Ducts' default; who does not answer is not what is measured.
    private static readonly WebSocketAcceptContext Pinging = new() { KeepAliveInterval = TimeSpan.FromSeconds(3), KeepAliveTimeout = TimeSpan.FromSeconds(30) };

    // As long as the answer of Ducts' service discovery.
    private static readonly byte[] Plain = [.. "\""u8, .. Enumerable.Repeat((byte)'x', 1000), .. "\""u8];

    public static void Map(WebApplication app)
    {
        app.UseWebSockets();
        app.Run(async context =>
        {
            if (!context.WebSockets.IsWebSocketRequest)
            {
                await AnswerAsync(context.Response);
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync(context.Request.Path.Value == "/idle" ? Pinging : new WebSocketAcceptContext());
            try
            {
                await (context.Request.Path.Value switch
                {
                    "/count" => OnEachAsync(socket, CountAsync),
                    "/follow" => FollowAsync(socket),
                    "/say" => OnEachAsync(socket, SayAsync),
                    "/blob" => OnEachAsync(socket, static (socket, _) => SendAsync(socket, Blob)),
                    _ => OnEachAsync(socket, SendAsync),
                });
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
            {
                // The load driver cuts its sockets.
            }
        });
    }

    private static async Task AnswerAsync(HttpResponse response)
    {
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = Plain.Length;
        await response.Body.WriteAsync(Plain);
    }

    private static async Task OnEachAsync(WebSocket socket, Func<WebSocket, ReadOnlyMemory<byte>, ValueTask> answer)
    {
        var buffer = new byte[ReceiveSize];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                result = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += result.Count;
            }
            while (!result.EndOfMessage);

            if (result.MessageType == WebSocketMessageType.Close)
                return;
            await answer(socket, buffer.AsMemory(0, length));
        }
    }

    private static ValueTask SendAsync(WebSocket socket, ReadOnlyMemory<byte> bytes) =>
        socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

    private static async ValueTask CountAsync(WebSocket socket, ReadOnlyMemory<byte> request)
    {
        for (var i = 0; i < Items; i++)
            await SendAsync(socket, Item);
    }

    private static async Task FollowAsync(WebSocket socket)
    {
        Followers.TryAdd(socket, true);
        try
        {
            await OnEachAsync(socket, static (_, _) => ValueTask.CompletedTask);
        }
        finally
        {
            Followers.TryRemove(socket, out _);
        }
    }

    private static async ValueTask SayAsync(WebSocket socket, ReadOnlyMemory<byte> request)
    {
        foreach (var (follower, _) in Followers)
            await SendAsync(follower, News);
        await SendAsync(socket, request);
    }
}
