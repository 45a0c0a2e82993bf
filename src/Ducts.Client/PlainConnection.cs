using System.Net.WebSockets;

namespace Ducts.Client;

/// <summary>A connection of a session of version 1: what it does not carry over is lost.</summary>
internal sealed class PlainConnection(
    ClientWebSocket socket, ServiceDiscovery discovery, Outbox outbox, ReplyTable replies, DuctsClientOptions options, CancellationToken abort)
    : Connection(socket, options, abort)
{
    private long _largestOrder;
    private int _largestSize;

    /// <summary>Fails what the server has not read, because one of the messages was larger than it takes. Called when the connection has ended.</summary>
    public void FailTooLarge() => replies.FailTooLarge(_largestOrder, _largestSize);

    protected override ConnectionEnd? Receive(ReadOnlyMemory<byte> message)
    {
        replies.Receive(message);
        return null;
    }

    protected override async Task SendAllAsync(CancellationToken cancellationToken)
    {
        while (await outbox.TakeAsync(cancellationToken).ConfigureAwait(false) is { } message)
        {
            if (!message.IsAbandoned && message.MayEnter(discovery))
                await SendAsync(message).ConfigureAwait(false);
        }

        await Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);
    }

    // Ended by aborting the socket alone: a token is asked once more after all is written, and would fail what has arrived.
    private async Task SendAsync(Outgoing message)
    {
        var order = replies.NextOrder();
        message.Sending(order);
        if (message.Bytes.Count > _largestSize)
        {
            (_largestOrder, _largestSize) = (order, message.Bytes.Count);
        }

        try
        {
            await Socket.SendAsync(message.Bytes.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
            message.Sent();
            message.Release();
        }
        catch (Exception exception)
        {
            // Part of it may have arrived: sending it again could do the same thing twice.
            message.Fail(new DuctsConnectionException("The connection was lost while the request was sent; its outcome is unknown.", exception));
            throw;
        }
    }
}
