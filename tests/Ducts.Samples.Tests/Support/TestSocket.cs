using System.Net.WebSockets;
using System.Text.Json;
using Ducts.MessagePack;
using Microsoft.AspNetCore.TestHost;

namespace Ducts.Samples.Tests.Support;

/// <summary>A session over the test server's own WebSocket client, message by message.</summary>
internal sealed class TestSocket(WebSocket socket) : IDisposable
{
    private readonly byte[] _buffer = new byte[4096];

    public static async Task<TestSocket> OpenAsync(GuestBookFactory factory)
    {
        using var http = factory.CreateClient();
        using var wsd = JsonDocument.Parse(await http.GetStringAsync("/ducts/wsd?uuid=1"));
        var path = new Uri(wsd.RootElement.GetProperty("websocket_url").GetString()!).AbsolutePath;
        return new TestSocket(await factory.Server.CreateWebSocketClient().ConnectAsync(new Uri($"ws://localhost{path}"), CancellationToken.None));
    }

    public async Task SendAsync(int requestId, int eventId, object? data = null) =>
        await socket.SendAsync(PackSerializer.Serialize<object?[]>([requestId, eventId, data]), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

    /// <summary>Receives the next message: request id (null for a push), event id, data.</summary>
    public async Task<JsonElement> ReceiveAsync()
    {
        using var bytes = new MemoryStream();
        while (true)
        {
            var result = await socket.ReceiveAsync(_buffer.AsMemory(), CancellationToken.None).AsTask().WaitAsync(Until.Patience);
            Assert.Equal(WebSocketMessageType.Binary, result.MessageType);
            bytes.Write(_buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                return JsonElement.Parse(new MessagePackElement(bytes.ToArray()).ToString());
            }
        }
    }

    /// <summary>Receives until so many replies have come, leaving out pushes.</summary>
    public async Task<List<JsonElement>> ReceiveRepliesAsync(int count)
    {
        var replies = new List<JsonElement>();
        while (replies.Count < count)
        {
            var message = await ReceiveAsync();
            if (message[0].ValueKind != JsonValueKind.Null)
            {
                replies.Add(message);
            }
        }

        return replies;
    }

    public async Task<JsonElement> CallAsync(int requestId, int eventId, object? data = null)
    {
        await SendAsync(requestId, eventId, data);
        return (await ReceiveRepliesAsync(1))[0];
    }

    public Task CloseAsync() => socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None).WaitAsync(Until.Patience);

    public void Dispose() => socket.Dispose();
}
