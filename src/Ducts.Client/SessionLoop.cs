using System.Net.WebSockets;
using Ducts.Protocol;

namespace Ducts.Client;

// Threading: one task runs RunAsync; it alone replaces the connection. The receive loop and the send loop of a connection run beside
// each other and end before the next one is opened. Post, Close, Abort and the state may be used from any thread.

/// <summary>Keeps a session's connection open and replaces it, or the session, when it is lost.</summary>
internal sealed class SessionLoop(
    Session session, Reconnector reconnector, Outbox outbox, ReplyTable replies, DuctsClientOptions options, ISessionListener listener) : IDisposable
{
    private readonly CancellationTokenSource _abort = new();
    private readonly EndReply _end = new();
    private volatile Session _session = session;
    private volatile bool _isSessionOver;
    private volatile bool _isClosing;
    private volatile int _state = (int)DuctsClientState.Open;

    /// <summary>The discovery of the session that there is now.</summary>
    public ServiceDiscovery Discovery => _session.Discovery;

    public DuctsClientState State => (DuctsClientState)_state;

    public void Post(Outgoing message) => outbox.Post(message);

    /// <summary>Ends the session after what was posted before: with a close frame, in version 2 with END; at once while there is no connection that could carry it.</summary>
    public void Close()
    {
        _isClosing = true;
        outbox.Close();
        if (State == DuctsClientState.Reconnecting)
            CloseWithoutConnection();
    }

    /// <summary>Drops the connection without a word.</summary>
    public void Abort()
    {
        _isClosing = true;
        _abort.Cancel();
    }

    /// <summary>Frees what is left after <see cref="RunAsync"/> has ended.</summary>
    public void Dispose()
    {
        _abort.Dispose();
        reconnector.Dispose();
    }

    public async Task RunAsync(OpenSocket first)
    {
        Exception? reason = null;
        var socket = first;
        try
        {
            while (socket is not null)
            {
                var opened = options.TimeProvider.GetTimestamp();
                (var code, reason, _) = await UseAsync(socket).ConfigureAwait(false);
                var after = CloseRules.Of(code, _session.Exchange is not null);
                if (after == AfterClose.Close || IsClosed(code, after) || !options.Reconnect)
                    break;

                reconnector.ConnectionLost(options.TimeProvider.GetElapsedTime(opened));
                Change(DuctsClientState.Reconnecting, reason);
                if (after == AfterClose.BeginAnew)
                {
                    _session.Exchange?.Dispose();
                    SessionEnded(reason!);
                }

                (socket, var failure) = await ReconnectAsync(after).ConfigureAwait(false);
                reason = failure ?? reason;
            }
        }
        finally
        {
            _session.Exchange?.Dispose();
            var ended = new DuctsConnectionException(
                _isClosing ? "The session was closed." : $"The session is over: {reason?.Message ?? "the server closed it."}",
                reason ?? new WebSocketException(WebSocketError.ConnectionClosedPrematurely));
            outbox.Fail(ended);
            replies.FailAll(ended);
            Change(DuctsClientState.Closed, _isClosing ? null : ended);
        }
    }

    // In version 2 the server has the session until it has been told of its end.
    private bool IsClosed(int? code, AfterClose after) =>
        _isClosing && (_session.Exchange is not { } exchange || _end.IsDone || after == AfterClose.BeginAnew || (exchange.HasEnd && code == CloseCode.Normal));

    private async Task<(OpenSocket? Socket, Exception? Failure)> ReconnectAsync(AfterClose after)
    {
        var (opened, failure) = await reconnector.ReconnectAsync(
            after == AfterClose.BeginAnew ? null : _session, after, SessionEnded, listener.OnNotAuthorized, _abort.Token).ConfigureAwait(false);
        if (opened is null)
        {
            return (null, failure);
        }

        if (opened.IsNew)
        {
            if (opened.Session == _session)
            {
                FailSent("The server has lost the session's state", null);
            }

            _session = opened.Session;
            _isSessionOver = false;
            listener.OnSessionBegan();
        }

        Change(DuctsClientState.Open, null, opened.IsNew);
        return (opened.Socket, null);
    }

    private void SessionEnded(Exception reason)
    {
        _isSessionOver = true;
        FailSent("The session was lost", reason);
        if (_isClosing)
            CloseWithoutConnection();
    }

    private void FailSent(string what, Exception? reason) =>
        replies.FailSent(new DuctsConnectionException($"{what} before the reply came; whether the request was carried out is unknown.", reason!));

    private async Task<ConnectionEnd> UseAsync(OpenSocket socket)
    {
        if (_session.Exchange is not null)
        {
            using var resumable = new ResumableConnection(socket, _session, outbox, replies, _end, listener.IsMonitored, options, _abort.Token);
            return await resumable.UseAsync().ConfigureAwait(false);
        }

        var connection = new PlainConnection(socket.WebSocket, _session.Discovery, outbox, replies, options, _abort.Token);
        var end = await connection.RunAsync().ConfigureAwait(false);
        if (end.Code == CloseCode.TooLarge && !_isClosing && options.Reconnect)
        {
            connection.FailTooLarge();
        }

        return end;
    }

    private void Change(DuctsClientState state, Exception? reason, bool isNewSession = false)
    {
        _state = (int)state;
        listener.OnChanged(state, reason, isNewSession);

        // Closing began while there was still a socket that has been lost since.
        if (state == DuctsClientState.Reconnecting && _isClosing)
            CloseWithoutConnection();
    }

    private void CloseWithoutConnection()
    {
        if (_session.Exchange is null || _isSessionOver)
            _abort.Cancel();
        else
            reconnector.Hurry();
    }
}
