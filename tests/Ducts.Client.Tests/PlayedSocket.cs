using System.Net.WebSockets;
using Ducts.MessagePack;

namespace Ducts.Client.Tests;

/// <summary>The server's side of one socket.</summary>
public sealed class PlayedSocket(WebSocket socket, Action cut)
{
    private readonly TaskCompletionSource _ended = new();

    public Task Ended => _ended.Task;

    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    /// <summary>The next request, null for a close frame.</summary>
    public async Task<(MessagePackElement RequestId, int EventId, MessagePackElement Data)?> ReceiveAsync()
    {
        var bytes = new byte[1 << 20];
        var length = 0;
        while (true)
        {
            var result = await socket.ReceiveAsync(bytes.AsMemory(length), TestContext.Current.CancellationToken);
            if (result.MessageType == WebSocketMessageType.Close)
                return null;
            length += result.Count;
            if (!result.EndOfMessage)
                continue;
            var message = MessagePackElement.Parse(bytes.AsMemory(0, length));
            Assert.Equal(3, message.GetArrayLength());
            return (message[0], message[1].GetInt32(), message[2]);
        }
    }

    /// <summary>The next message, which is a receipt.</summary>
    /// <returns>Up to which number.</returns>
    public async Task<long> ReceiveReceiptAsync()
    {
        var receipt = await ReceiveAsync() ?? throw new InvalidOperationException("closed");
        Assert.Equal((true, 7), (receipt.RequestId.IsNil, receipt.EventId));
        return receipt.Data.GetInt64();
    }

    /// <summary>The next request that is not ALIVE_MONITORING's. Receipts, which go along with any, are passed over.</summary>
    public async Task<(MessagePackElement RequestId, int EventId, MessagePackElement Data)> ReceiveCallAsync()
    {
        while (true)
        {
            var request = await ReceiveAsync() ?? throw new InvalidOperationException("closed");
            if (request.EventId != 0 && !(request.RequestId.IsNil && request.EventId == 7))
                return request;
        }
    }

    public Task SendAsync(object? requestId, int eventId, object? data)
        => SendRawAsync(PackSerializer.Serialize(new[] { requestId, eventId, data }));

    /// <summary>The HELLO of a client of version 2.</summary>
    public async Task<MessagePackElement> ReceiveHelloAsync()
    {
        var hello = await ReceiveAsync() ?? throw new InvalidOperationException("closed");
        Assert.True(hello.RequestId.IsNil);
        Assert.Equal(13, hello.EventId);
        return hello.Data;
    }

    public Task SendWelcomeAsync(long received = 0, string life = "life", bool lost = false) =>
        SendAsync(null, 8, new Dictionary<string, object?> { ["received"] = received, ["life"] = life, ["lost"] = lost });

    /// <summary>Answers a request with its own data.</summary>
    public Task EchoAsync((MessagePackElement RequestId, int EventId, MessagePackElement Data) request) => SendAsync(request.RequestId, request.EventId, request.Data);

    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes)
        => await socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, TestContext.Current.CancellationToken);

    /// <summary>Sends one item of a stream, or its end.</summary>
    public Task SendItemAsync(MessagePackElement requestId, int loopEvent, int eventId, object? item)
        => SendAsync(requestId, loopEvent, new object?[] { requestId, eventId, item });

    public async Task CloseAsync(WebSocketCloseStatus status, string? reason = null)
    {
        await socket.CloseAsync(status, reason, TestContext.Current.CancellationToken);
        _ended.TrySetResult();
    }

    /// <summary>Answers a close frame that was received.</summary>
    public async Task AnswerCloseAsync()
    {
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        _ended.TrySetResult();
    }

    /// <summary>Cuts the TCP connection.</summary>
    public void Cut()
    {
        cut();
        _ended.TrySetResult();
    }
}
