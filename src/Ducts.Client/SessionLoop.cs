using System.Net.WebSockets;
using System.Threading.Channels;
using Ducts.Protocol;

namespace Ducts.Client;

// Threading: one task runs RunAsync; it alone replaces the socket. The receive loop and the send loop of a socket run beside
// each other and end before the next socket is opened. Post and the state may be used from any thread.

/// <summary>Keeps a session's socket open, sends what is posted, in order, and hands over what arrives.</summary>
internal sealed class SessionLoop(ServiceDiscovery discovery, Reconnector reconnector, ReplyTable replies, DuctsClientOptions options, ISessionListener listener) : IDisposable
{
    // Not a code of any server's: the client itself can go on with nothing that follows a message over its limit.
    private const WebSocketCloseStatus UnreadableMessage = (WebSocketCloseStatus)(-1);

    private readonly Channel<Outgoing> _outgoing = Channel.CreateUnbounded<Outgoing>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _abort = new();
    private volatile ServiceDiscovery _discovery = discovery;
    private volatile bool _isClosing;
    private volatile int _state = (int)DuctsClientState.Open;

    // Of the send loop, and of RunAsync while there is no send loop.
    private long _lastOrder;
    private (long Order, int Size) _largest;

    /// <summary>The discovery of the session that there is now.</summary>
    public ServiceDiscovery Discovery => _discovery;

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
                var opened = options.TimeProvider.GetTimestamp();
                (var code, reason) = await UseAsync(socket).ConfigureAwait(false);
                if (EndsSession(code) || _isClosing || !options.Reconnect)
                    break;
                if (code == WebSocketCloseStatus.MessageTooBig)
                {
                    replies.FailTooLarge(_largest.Order, _largest.Size);
                }

                reconnector.ConnectionLost(options.TimeProvider.GetElapsedTime(opened));
                Change(DuctsClientState.Reconnecting, reason);
                var isOver = (int?)code is CloseCode.RightsExpired or CloseCode.Ended;
                if (isOver)
                {
                    SessionEnded(reason!);
                }

                (socket, var failure) = await ReconnectAsync(isOver).ConfigureAwait(false);
                reason = failure ?? reason;
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

    // These are the server's decision about this session, and that no other may follow it. Every other code may be a proxy's word, or that of a server that comes back.
    private static bool EndsSession(WebSocketCloseStatus? code) =>
        (int?)code is CloseCode.Normal or CloseCode.PolicyViolation or CloseCode.Replaced || code == UnreadableMessage;

    private async Task<(ClientWebSocket? Socket, Exception? Failure)> ReconnectAsync(bool isOver)
    {
        var (socket, next, failure) =
            await reconnector.ReconnectAsync(isOver ? null : _discovery, SessionEnded, listener.OnNotAuthorized, _abort.Token).ConfigureAwait(false);
        if (next is not null)
        {
            _discovery = next;
            listener.OnSessionBegan();
        }

        if (socket is not null)
        {
            Change(DuctsClientState.Open, null, isNewSession: next is not null);
        }

        return (socket, failure);
    }

    private void SessionEnded(Exception reason) =>
        replies.FailSent(new DuctsConnectionException("The session was lost before the reply came; whether the request was carried out is unknown.", reason));

    private async Task<(WebSocketCloseStatus? Code, Exception? Reason)> UseAsync(ClientWebSocket socket)
    {
        _largest = default;
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

    private async Task<(WebSocketCloseStatus? Code, Exception? Reason)> ReceiveAllAsync(ClientWebSocket socket)
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
            return (null, exception);
        }
        catch (InvalidDataException exception)
        {
            return (UnreadableMessage, exception);
        }
    }

    private async Task<(WebSocketCloseStatus? Code, Exception? Reason)> AnswerCloseAsync(ClientWebSocket socket)
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

        return (status, reason);
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

                if (!message.IsAbandoned && MayEnter(message))
                    await SendAsync(socket, message).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (IsLoss(exception) || exception is ChannelClosedException)
        {
            // The receive loop notices the loss too, and says what it was.
            socket.Abort();
        }
    }

    private bool MayEnter(Outgoing message)
    {
        try
        {
            return message.TryEnter(_discovery);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or ArgumentException)
        {
            message.Fail(exception);
            return false;
        }
    }

    // Ended by aborting the socket alone: a token is asked once more after all is written, and would fail what has arrived.
    private async Task SendAsync(ClientWebSocket socket, Outgoing message)
    {
        message.Sending(++_lastOrder);
        if (message.Bytes.Length > _largest.Size)
        {
            _largest = (_lastOrder, message.Bytes.Length);
        }

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

    private void Change(DuctsClientState state, Exception? reason, bool isNewSession = false)
    {
        _state = (int)state;
        listener.OnChanged(state, reason, isNewSession);

        // Closing began while there was still a socket that has been lost since.
        if (state == DuctsClientState.Reconnecting && _isClosing)
            _abort.Cancel();
    }
}
