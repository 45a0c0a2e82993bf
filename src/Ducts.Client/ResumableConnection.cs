using System.Globalization;
using System.Net.WebSockets;
using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>A connection of a session of version 2, after WELCOME: what it does not carry over the next one does.</summary>
internal sealed class ResumableConnection : Connection, IDisposable
{
    private readonly GatheringStream _stream;
    private readonly Session _session;
    private readonly Exchange _exchange;
    private readonly Outbox _outbox;
    private readonly ReplyTable _replies;
    private readonly EndReply _end;
    private readonly Silence? _silence;
    private volatile bool _isSilent;

    public ResumableConnection(
        OpenSocket socket, Session session, Outbox outbox, ReplyTable replies, EndReply end, bool isMonitored, DuctsClientOptions options, CancellationToken abort)
        : base(socket.WebSocket, options, abort)
    {
        _stream = socket.Stream;
        (_session, _exchange, _outbox, _replies, _end) = (session, session.Exchange!, outbox, replies, end);
        if (isMonitored && session.Discovery.SilenceLimit is { } limit)
        {
            _silence = new Silence(options.TimeProvider, limit, OnSilent);
        }
    }

    protected override Silence? Silence => _silence;

    /// <summary>Uses the socket until it ends.</summary>
    public async Task<ConnectionEnd> UseAsync()
    {
        var end = await RunAsync().ConfigureAwait(false);
        return _isSilent
            ? new ConnectionEnd(null, new DuctsConnectionException(string.Create(CultureInfo.InvariantCulture, $"Nothing was heard of the server for {_session.Discovery.SilenceLimit}.")))
            : end;
    }

    public void Dispose() => _silence?.Dispose();

    protected override ConnectionEnd? Receive(ReadOnlyMemory<byte> message)
    {
        switch (_replies.Receive(message, _exchange))
        {
            case ReceivedAs.Numbered:
                _exchange.Process(message.Length);
                break;
            case ReceivedAs.OutOfRange:
                return new ConnectionEnd(
                    CloseCode.OutOfStep, new DuctsConnectionException("The server confirmed messages that have not been sent."), (WebSocketCloseStatus)CloseCode.OutOfStep);
        }

        return _end.IsDone ? new ConnectionEnd((int)WebSocketCloseStatus.NormalClosure, null, WebSocketCloseStatus.NormalClosure) : null;
    }

    protected override async Task SendAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_exchange.TryNext(out var receipt, out var message))
            {
                // Not canceled either: what has been begun is sent, or the socket is lost.
                if (receipt.Length > 0)
                {
                    _stream.Holds = message.Length > 0;
                    await Socket.SendAsync(receipt, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
                    _stream.Holds = false;
                }

                if (message.Length > 0)
                {
                    await Socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
                    _exchange.Sent();
                }
            }
            else if (!TryAdd())
            {
                await _outbox.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes a message that waits, gives it a number if it has room, or sees that it has to wait.</summary>
    /// <returns>Whether there was one.</returns>
    private bool TryAdd()
    {
        // What is behind END has no session.
        if (!_exchange.HasEnd && _outbox.FirstWaiting is { } first && TryAdd(first))
        {
            _outbox.RemoveFirstWaiting();
            return true;
        }

        if (_outbox.TryTakePosted(out var posted))
        {
            if (posted is { IsUrgent: true })
                AddUrgent(posted);
            else if (posted is not null && (_outbox.FirstWaiting is not null || !TryAdd(posted)))
                _outbox.Wait(posted);
            return true;
        }

        if (!_outbox.IsClosed || _exchange.HasEnd)
        {
            return false;
        }

        _exchange.AddUrgent(_replies.PackEnd(_end), isEnd: true);
        return true;
    }

    /// <returns>False if the message has to wait for room.</returns>
    private bool TryAdd(Outgoing message)
    {
        if (message.IsAbandoned || !message.MayEnter(_session.Discovery))
        {
            message.Release();
            return true;
        }

        if (!_exchange.HasRoom())
        {
            return false;
        }

        message.Sending(_exchange.Add(message.Bytes, message.Reply is StreamReply stream ? stream.Open() : default));
        message.Sent();
        return true;
    }

    private void AddUrgent(Outgoing message)
    {
        // A request that has not been sent needs no CANCEL.
        if (message.Subject is { SentOrder: > 0 } && message.MayEnter(_session.Discovery))
            _exchange.AddUrgent(message.Bytes);
        else
            message.Release();
    }

    private void OnSilent()
    {
        _isSilent = true;
        Socket.Abort();
    }
}
