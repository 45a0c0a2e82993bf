using System.Net.WebSockets;
using System.Threading.Channels;

namespace Ducts.Client;

// Threading: one task runs RunAsync; it alone replaces the socket. The receive loop and the send loop of a socket run beside
// each other and end before the next socket is opened. Post and the state may be used from any thread.

/// <summary>Keeps a session's socket open, sends what is posted, in order, and hands over what arrives.</summary>
internal sealed class SessionLoop(ServiceDiscovery discovery, SocketFactory sockets, ReplyTable replies, DuctsClientOptions options, Action<DuctsClientState, Exception?> changed) : IDisposable
{
    private readonly Channel<Outgoing> _outgoing = Channel.CreateUnbounded<Outgoing>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _abort = new();
    private volatile bool _isClosing;
    private volatile int _state = (int)DuctsClientState.Open;

    public DuctsClientState State => (DuctsClientState)_state;

    public void Post(Outgoing message)
    {
        if (!_outgoing.Writer.TryWrite(message))
            message.Fail(new DuctsConnectionException("The session is closed."));
    }

    /// <summary>Ends the session after what was posted before: with a close frame, or at once while there is no socket.</summary>
    public void Close()
    {
        _isClosing = true;
        Post(Outgoing.Close);
        if (State == DuctsClientState.Reconnecting)
            _abort.Cancel();
    }

    /// <summary>Drops the socket without a word.</summary>
    public void Abort()
    {
        _isClosing = true;
        _abort.Cancel();
    }

    /// <summary>Frees what is left after <see cref="RunAsync"/> has ended.</summary>
    public void Dispose() => _abort.Dispose();

    public async Task RunAsync(ClientWebSocket first)
    {
        Exception? reason = null;
        var socket = first;
        try
        {
            while (socket is not null)
            {
                bool isFinal;
                (isFinal, reason) = await UseAsync(socket).ConfigureAwait(false);
                if (isFinal || _isClosing || !options.Reconnect)
                    break;
                Change(DuctsClientState.Reconnecting, reason);
                (socket, var failure) = await ReconnectAsync().ConfigureAwait(false);
                reason = failure ?? reason;
                if (socket is not null)
                    Change(DuctsClientState.Open, null);
            }
        }
        finally
        {
            _outgoing.Writer.TryComplete();
            var ended = new DuctsConnectionException(
                _isClosing ? "The session was closed." : $"The session is over: {reason?.Message ?? "the server closed it."}",
                reason ?? new WebSocketException(WebSocketError.ConnectionClosedPrematurely));
            while (_outgoing.Reader.TryRead(out var message))
                message.Fail(ended);
            replies.FailAll(ended);
            Change(DuctsClientState.Closed, _isClosing ? null : ended);
        }
    }

    private async Task<(bool IsFinal, Exception? Reason)> UseAsync(ClientWebSocket socket)
    {
        using (socket)
        using (var sending = CancellationTokenSource.CreateLinkedTokenSource(_abort.Token))
        {
            var send = SendAllAsync(socket, sending.Token);
            var outcome = await ReceiveAllAsync(socket).ConfigureAwait(false);
            await sending.CancelAsync().ConfigureAwait(false);
            socket.Abort();
            await send.ConfigureAwait(false);
            return outcome;
        }
    }

    private async Task<(bool IsFinal, Exception? Reason)> ReceiveAllAsync(ClientWebSocket socket)
    {
        try
        {
            while (true)
            {
                var message = await MessageReader.ReadAsync(socket, options.MaxMessageSize, _abort.Token).ConfigureAwait(false);
                if (message is null)
                    return await AnswerCloseAsync(socket).ConfigureAwait(false);
                replies.Receive(message.Value);
            }
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            return (IsFinal: false, exception);
        }
        catch (InvalidDataException exception)
        {
            return (IsFinal: true, exception);
        }
    }

    private async Task<(bool IsFinal, Exception? Reason)> AnswerCloseAsync(ClientWebSocket socket)
    {
        var status = socket.CloseStatus ?? WebSocketCloseStatus.Empty;
        var reason = new DuctsConnectionException($"The server closed the socket with {(int)status} {socket.CloseStatusDescription}".TrimEnd());
        if (socket.State == WebSocketState.CloseReceived)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_abort.Token);
            limit.CancelAfter(options.CloseTimeout);
            try
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsLoss(exception))
            {
                // The server did not wait for the answer; its code still holds.
            }
        }

        // A server that stops may come back with its sessions; every other code is its decision about this one.
        return (status != WebSocketCloseStatus.EndpointUnavailable, reason);
    }

    private async Task SendAllAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var message = await _outgoing.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (message == Outgoing.Close)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);
                    return;
                }

                if (!message.IsAbandoned)
                    await SendAsync(socket, message).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (IsLoss(exception) || exception is ChannelClosedException)
        {
            // The receive loop notices the loss too, and says what it was.
            socket.Abort();
        }
    }

    // Ended by aborting the socket alone: a token is asked once more after all is written, and would fail what has arrived.
    private static async Task SendAsync(ClientWebSocket socket, Outgoing message)
    {
        try
        {
            await socket.SendAsync(message.Bytes, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
            message.Sent();
        }
        catch (Exception exception)
        {
            // Part of it may have arrived: sending it again could do the same thing twice.
            message.Fail(new DuctsConnectionException("The connection was lost while the request was sent; its outcome is unknown.", exception));
            throw;
        }
    }

    // Disposed, where the other direction has noticed the loss first and aborted the socket.
    private static bool IsLoss(Exception exception) =>
        exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    private async Task<(ClientWebSocket? Socket, Exception? Failure)> ReconnectAsync()
    {
        var started = options.TimeProvider.GetTimestamp();
        var pause = options.ReconnectMinDelay;
        while (true)
        {
            try
            {
                // Jitter, so that all clients of a server that was away do not come back in one moment.
                await Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), options.TimeProvider, _abort.Token).ConfigureAwait(false);
                var (socket, error, isRefused) = await sockets.OpenAsync(discovery.ReconnectUrl, _abort.Token).ConfigureAwait(false);
                if (socket is not null || isRefused || options.TimeProvider.GetElapsedTime(started) >= options.ReconnectTimeout)
                    return (socket, error);
            }
            catch (OperationCanceledException exception)
            {
                return (null, exception);
            }

            pause = pause * 2 < options.ReconnectMaxDelay ? pause * 2 : options.ReconnectMaxDelay;
        }
    }

    private void Change(DuctsClientState state, Exception? reason)
    {
        _state = (int)state;
        changed(state, reason);

        // Closing began while there was still a socket that has been lost since.
        if (state == DuctsClientState.Reconnecting && _isClosing)
            _abort.Cancel();
    }
}
