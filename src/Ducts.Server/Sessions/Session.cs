using System.Collections.Concurrent;
using System.Net;
using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>
/// A client's session. It outlives sockets: when one is lost, requests run on, what they send waits in the outbox, and the
/// next socket takes it from there.
/// </summary>
/// <remarks>Threading: any thread; <see cref="_gate"/> guards the state and which socket is the current one.</remarks>
internal sealed partial class Session : IConnectionOwner, IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DateTimeOffset _openedAt;
    private readonly SessionContext _context;
    private readonly SessionChanges _changes;
    private ConcurrentDictionary<string, object?>? _attributes;
    private ISessionMemberships? _groups;
    private SessionState _state = SessionState.Connected;
    private Connection? _connection;
    private long _waitingSince;
    private long _aliveDue = Scheduled.Never;
    private volatile SessionEnd? _endWithSocket;
    private bool _hasOpened;
    private SessionEnd? _end;
    private Task<bool>? _connectedHooks;

    /// <summary>Creates a session.</summary>
    /// <param name="context">What all sessions share.</param>
    /// <param name="ticket">The ticket that opens it.</param>
    /// <param name="user">Its user.</param>
    /// <param name="resumes">Whether its client counts messages, so that none is lost with a connection.</param>
    public Session(SessionContext context, SessionTicket ticket, SessionUser user, bool resumes = false)
    {
        _context = context;
        Ticket = ticket;
        SessionId = SessionUrlId.SessionIdOf(ticket.StreamId);
        Account = context.Memory.Open();
        Outbox = new Outbox(Options.OutboxLimit, Account);
        Inbox = new Inbox(this);
        Requests = new SessionRequests(Options.MaxInflight, Options.MaxStreams) { Inbox = Inbox };
        Capacity = new SessionCapacity(Inbox, Requests, Outbox, Account, Options);
        Pushes = new SessionPushes(this);
        _changes = new SessionChanges(this, context.Observer);
        _openedAt = context.Time.GetUtcNow();
        if (IPAddress.TryParse(ticket.Fields.GetValueOrDefault(SessionTicket.AddressField), out var address))
            RemoteIpAddress = address;
        Clock = new SessionClock(this, context);
        Rights = new SessionRights(this, context, user);
        Channel = new ReplyChannel(this, context);
        Receipts = new ReceiptWatch(this);
        if (resumes)
        {
            Resumption = new Resumption(this);
            Outbox.KeepSent();
        }
        else if (Options.Resend == ResendMode.Unconfirmed)
        {
            Outbox.KeepSent(byPong: true);
        }
    }

    private enum SessionState
    {
        Connected,
        Waiting,

        // No socket is taken any more, and its end is near.
        Ending,
        Closed,
    }

    public SessionContext Context => _context;

    public DuctsWebSocketOptions Options => _context.Options;

    public SessionTicket Ticket { get; }

    /// <summary><c>SS.</c> and the base64 of the stream id.</summary>
    public string SessionId { get; }

    public IPAddress? RemoteIpAddress { get; }

    public SessionRights Rights { get; }

    /// <summary>Gets what calls <see cref="Tick"/> when something is due.</summary>
    public SessionClock Clock { get; }

    /// <summary>Gets who the user is now.</summary>
    public SessionUser User => Rights.User;

    /// <summary>Gets where its requests' replies go.</summary>
    public ReplyChannel Channel { get; }

    public MemoryAccount Account { get; }

    public Outbox Outbox { get; }

    public Inbox Inbox { get; }

    public SessionRequests Requests { get; }

    /// <summary>Gets what is sent without a request.</summary>
    public SessionPushes Pushes { get; }

    string IConnectionOwner.Name => SessionId;

    private SessionLog Log => _context.Log;

    public ConcurrentDictionary<string, object?> Attributes =>
        _attributes ?? Interlocked.CompareExchange(ref _attributes, new(), null) ?? _attributes;

    /// <summary>Gets the groups that it is in. Made when they are asked for, as most sessions are in none.</summary>
    public ISessionMemberships Groups =>
        _groups ?? Interlocked.CompareExchange(ref _groups, _context.Groups.Create(this), null) ?? _groups;

    /// <summary>Cancelled when the session closes.</summary>
    public CancellationToken Closed => _closed.Token;

    public bool IsClosed => _closed.IsCancellationRequested;

    /// <summary>Whether it takes no socket any more.</summary>
    public bool IsOver
    {
        get
        {
            lock (_gate)
                return _state >= SessionState.Ending;
        }
    }

    /// <summary>Gets how it ends; null while it goes on.</summary>
    public SessionEnd? End
    {
        get
        {
            lock (_gate)
                return _end;
        }
    }

    /// <summary>Whether it has ever had a socket.</summary>
    public bool HasOpened
    {
        get
        {
            lock (_gate)
                return _hasOpened;
        }
    }

    public SessionCapacity Capacity { get; }

    /// <summary>
    /// Gets whether its connection may be read. One whose client counts always is, for what it has received comes that way, too; it
    /// sends no more than its inbox may hold.
    /// </summary>
    public bool HasCapacity => Resumption is not null || Capacity.MayRead;

    /// <summary>Messages that were handed to a socket.</summary>
    public long Sent => Outbox.Taken;

    public void Dispose() => _closed.Dispose();

    /// <summary>Ends when everything of the session has been done.</summary>
    public Task Ended => _ended.Task;

    public void SetEnded() => _ended.TrySetResult();

    public IMessageReceiver CreateReceiver(Connection connection)
    {
        var receiver = new SessionReceiver(this, _context.Dispatcher.CreateDispatch(Channel));
        return Resumption is { } resumption ? resumption.CreateReceiver(connection, receiver) : receiver;
    }

    /// <summary>Creates the session as others see it than its requests.</summary>
    /// <param name="services">The services of a hook; null where nothing ends with which they could be disposed.</param>
    public SessionView CreateView(IServiceProvider? services = null) => new(this, ReadOnlyMemory<byte>.Empty, _openedAt, services);

    public ValueTask WaitForCapacityAsync(CancellationToken cancellationToken) => Capacity.WaitToReadAsync(cancellationToken);

    public void Flush() => Outbox.Signal();

    /// <summary>How messages without a request are written: as the client wrote its last request.</summary>
    public WireEncoding PushEncoding { get; set; }

    /// <summary>Gets or sets whether it is in the index; guarded by the index.</summary>
    public SessionIndexState IndexState { get; set; }

    /// <summary>Gets or sets how this server has it; null where no other could.</summary>
    public SessionHolding? Holding { get; set; }

    /// <summary>Gets the sessions of which it is one.</summary>
    public SessionRegistry? Registry { get; init; }

    /// <summary>Takes no socket any more, and serves no request.</summary>
    public void BeginEnd(SessionEnd end)
    {
        Rights.End();
        lock (_gate)
            SetEnding(end);
    }

    /// <summary>Takes no socket any more, if it waits for one.</summary>
    /// <returns>False when it does not wait.</returns>
    public bool TryEndWaiting(SessionEnd end)
    {
        lock (_gate)
        {
            if (_state != SessionState.Waiting)
                return false;
            SetEnding(end);
            return true;
        }
    }

    /// <summary>Does what is due.</summary>
    /// <returns>How the session is to be closed, when its time is over; null while it goes on.</returns>
    public SessionEnd? Tick(long now)
    {
        lock (_gate)
        {
            if (_state >= SessionState.Ending)
                return null;
            var end = _state == SessionState.Waiting && _context.Time.GetElapsedTime(_waitingSince, now) >= Options.ReconnectTimeout
                ? new SessionEnd(CloseCode.Normal, "no reconnect")
                : Rights.FindEnd();
            if (end is not null)
            {
                SetEnding(end);
                return end;
            }
        }

        _aliveDue = Channel.Tick(now);
        return Outbox.KeepsSent ? Receipts.FindEnd(now) : null;
    }

    /// <summary>Returns when <see cref="Tick"/> is to be called next.</summary>
    public long NextDue(long now)
    {
        lock (_gate)
        {
            if (_state >= SessionState.Ending)
                return Scheduled.Never;
            var waits = _state == SessionState.Waiting ? _context.Wheel.After(_waitingSince, Options.ReconnectTimeout) : Scheduled.Never;
            return Math.Min(Math.Min(waits, _aliveDue), Math.Min(Rights.NextDue(now), Outbox.KeepsSent ? Receipts.NextDue(now) : Scheduled.Never));
        }
    }

    /// <summary>Gives back what a session holds that never began.</summary>
    public void Abandon()
    {
        BeginEnd(SessionEnd.Left);
        Groups.Leave();
        Clock.Stop();
        Account.Close();
        SetEnded();
    }

    /// <summary>Ends the session: cancels its requests and runs the closing hooks.</summary>
    /// <param name="end">How it ends.</param>
    /// <param name="isDropped">Whether another server has it by now, which runs the closing hooks.</param>
    /// <returns>False when that has been done before.</returns>
    public async Task<bool> CloseAsync(SessionEnd end, bool isDropped = false)
    {
        Connection? connection;
        lock (_gate)
        {
            if (_state == SessionState.Closed)
                return false;
            SetEnding(end);
            _state = SessionState.Closed;
            connection = _connection;
            _connection = null;
        }

        // Before anybody is told: who hears of the end finds it in no group.
        Groups.Leave();
        connection?.SendClose(end.Code, end.Reason);
        Requests.CancelAll();
        try
        {
            await _closed.CancelAsync();
        }
        catch (Exception exception)
        {
            // What a handler registered on the token failed; the session is over all the same.
            Log.CancellationFailed(exception, SessionId);
        }

        Clock.Stop();
        Outbox.Close();
        Account.Close();
        if (_connectedHooks is not null && !isDropped)
            await _changes.TellAsync(SessionChange.Closed);
        return true;
    }

    public Connection? CurrentConnection
    {
        get
        {
            lock (_gate)
                return _connection;
        }
    }

    // The first to end it says why; the state only goes forward.
    private SessionEnd SetEnding(SessionEnd end)
    {
        _end ??= end;
        if (_state < SessionState.Ending)
            _state = SessionState.Ending;
        return end;
    }
}
