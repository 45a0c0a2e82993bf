using System.Net.WebSockets;
using System.Threading.Channels;
using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>How a connection has ended.</summary>
/// <param name="Code">The close code; null if there was none.</param>
/// <param name="Reason">What happened.</param>
/// <param name="Farewell">The close code that the client sends; null if it sends none any more.</param>
internal readonly record struct ConnectionEnd(int? Code, Exception? Reason, WebSocketCloseStatus? Farewell = null);

/// <summary>Uses one socket, in both directions at once, until it is lost or closed.</summary>
internal abstract class Connection(ClientWebSocket socket, DuctsClientOptions options, CancellationToken abort)
{
    /// <summary>Gets the socket.</summary>
    protected ClientWebSocket Socket => socket;

    /// <summary>Gets what is told of everything that is read; null if nothing is.</summary>
    protected virtual Silence? Silence => null;

    /// <summary>Uses the socket until it ends. Nothing that it brings is handled after that.</summary>
    public async Task<ConnectionEnd> RunAsync()
    {
        using (socket)
        using (var sending = CancellationTokenSource.CreateLinkedTokenSource(abort))
        {
            var send = SendUntilLostAsync(sending.Token);
            var end = await ReceiveAllAsync().ConfigureAwait(false);
            await sending.CancelAsync().ConfigureAwait(false);
            if (end.Farewell is { } code)
            {
                await SayAsync(code).ConfigureAwait(false);
            }

            socket.Abort();
            await send.ConfigureAwait(false);
            return end;
        }
    }

    /// <summary>Returns what a close frame says that has arrived, and answers it.</summary>
    public static async Task<ConnectionEnd> AnswerCloseAsync(ClientWebSocket socket, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var status = socket.CloseStatus ?? WebSocketCloseStatus.Empty;
        var reason = new DuctsConnectionException($"The server closed the socket with {(int)status} {socket.CloseStatusDescription}".TrimEnd()) { CloseCode = (int)status };
        if (socket.State == WebSocketState.CloseReceived)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(timeout);
            try
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsLoss(exception))
            {
                // The server did not wait for the answer; its code still holds.
            }
        }

        return new ConnectionEnd((int)status, reason);
    }

    // Disposed, where the other direction has noticed the loss first and aborted the socket.
    public static bool IsLoss(Exception exception) =>
        exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    /// <summary>Sends until there is nothing more to send, or the socket is lost.</summary>
    protected abstract Task SendAllAsync(CancellationToken cancellationToken);

    /// <summary>Hands over a message.</summary>
    /// <returns>Null, or why the connection is to end.</returns>
    protected abstract ConnectionEnd? Receive(ReadOnlyMemory<byte> message);

    private async Task SendUntilLostAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SendAllAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The receive loop has ended; it may still have a close frame to send.
        }
        catch (Exception exception) when (IsLoss(exception) || exception is ChannelClosedException)
        {
            // The receive loop notices the loss too, and says what it was.
            socket.Abort();
        }
    }

    private async Task<ConnectionEnd> ReceiveAllAsync()
    {
        try
        {
            while (true)
            {
                var message = await MessageReader.ReadAsync(socket, options.MaxMessageSize, Silence, abort).ConfigureAwait(false);
                if (message is null)
                    return await AnswerCloseAsync(socket, options.CloseTimeout, abort).ConfigureAwait(false);
                if (Receive(message.Value) is { } end)
                    return end;
            }
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            return new ConnectionEnd(null, exception);
        }
        catch (InvalidDataException exception)
        {
            return new ConnectionEnd(CloseRules.UnreadableMessage, exception);
        }
    }

    private async Task SayAsync(WebSocketCloseStatus code)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(abort);
        limit.CancelAfter(options.CloseTimeout);
        try
        {
            await socket.CloseOutputAsync(code, null, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            // The server finds out by itself.
        }
    }
}
