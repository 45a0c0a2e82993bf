using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>Queues in the session's outbox what its requests answer.</summary>
internal sealed class ReplyChannel(Session session, SessionContext context) : IReplyChannel
{
    private readonly Outbox _outbox = session.Outbox;
    private AliveMonitor? _alive;
    private int _malformed;

    public string SessionId => session.SessionId;

    public SessionUser User => session.User;

    public IRequestGate? Gate => session.Rights.Gate;

    public SessionRequests Requests => session.Requests;

    public Inbox Inbox => session.Inbox;

    public MemoryAccount Account => session.Account;

    public bool IsFull => _outbox.IsFull;

    public bool HasFullWrite => _outbox.HasFullWrite;

    public int MaxPartsLength => Math.Min(Outbox.CopyThreshold, context.Options.DivideThreshold);

    public IEventSession CreateView(ReadOnlyMemory<byte> requestId, DateTimeOffset timestamp, SessionUser user, IServiceProvider services) =>
        new SessionView(session, requestId, timestamp, services, user);

    public void Send(MessageBuffer message, ReadOnlySpan<byte> requestId, WireEncoding encoding)
    {
        // A large one goes on in pieces; the session counts it among its requests until the last piece is queued.
        _ = SendAsync(message, requestId, encoding);
    }

    public Task SendAsync(MessageBuffer message, ReadOnlySpan<byte> requestId, WireEncoding encoding)
    {
        if (encoding == WireEncoding.Json)
        {
            return SendJsonAsync(message);
        }

        if (message.Length <= context.Options.DivideThreshold)
        {
            _outbox.Append(encoding, message);
            return Task.CompletedTask;
        }

        return DividedTransfer.RunAsync(session, message, message, encoding);
    }

    public void SendWhole(MessageBuffer message, WireEncoding encoding)
    {
        if (encoding == WireEncoding.MessagePack)
        {
            _outbox.Append(encoding, message);
            return;
        }

        var text = message.ToJsonText();
        _outbox.Append(encoding, text);
        text.Return();
    }

    /// <summary>Sends a message that is not kept, before those that wait; where there is no connection, it goes nowhere.</summary>
    public void SendBeside(MessageBuffer message, WireEncoding encoding)
    {
        if (session.CurrentConnection is not { IsClosing: false } connection)
        {
            return;
        }

        var written = encoding == WireEncoding.Json ? message.ToJsonText() : message;
        connection.Sender.SendFirst(encoding, written.Written);
        if (written != message)
        {
            written.Return();
        }
    }

    public bool TrySendParts(ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest)
    {
        if (IsFull || head.Length + rest.Length > MaxPartsLength)
        {
            return false;
        }

        _outbox.Append(WireEncoding.MessagePack, head, rest);
        return true;
    }

    public void Flush() => _outbox.Signal();

    public void FlushSoon() => context.LateSignals.Add(_outbox);

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => _outbox.WaitForRoomAsync(cancellationToken);

    public bool TryEndSession(MessageBuffer reply, WireEncoding encoding)
    {
        if (session.Resumption is null)
        {
            return false;
        }

        session.EndFor(reply, encoding);
        return true;
    }

    public void CountMalformed()
    {
        var limit = context.Options.MalformedLimit;
        if (Interlocked.Increment(ref _malformed) > limit)
        {
            context.Log.TooManyMalformed(SessionId, limit);
            session.CloseSocket(new SessionEnd(CloseCode.PolicyViolation, "too many malformed messages"), drain: false);
        }
    }

    public void StartAliveMonitoring(ReadOnlySpan<byte> requestId, WireEncoding encoding)
    {
        // Not every client asks for it.
        var alive = Volatile.Read(ref _alive)
            ?? Interlocked.CompareExchange(ref _alive, new AliveMonitor(session, context), null)
            ?? _alive;
        alive.Start(requestId, encoding);
    }

    /// <summary>Sends what ALIVE_MONITORING asks for, where it is time.</summary>
    /// <returns>When it is time next; <see cref="Scheduled.Never"/> where nobody has asked.</returns>
    public long Tick(long now) => Volatile.Read(ref _alive)?.Tick(now) ?? Scheduled.Never;

    private Task SendJsonAsync(MessageBuffer message)
    {
        var text = message.ToJsonText();
        try
        {
            if (text.Length > context.Options.DivideThreshold)
            {
                return DividedTransfer.RunAsync(session, message, text, WireEncoding.Json);
            }

            _outbox.Append(WireEncoding.Json, text);
            return Task.CompletedTask;
        }
        finally
        {
            text.Return();
        }
    }
}
