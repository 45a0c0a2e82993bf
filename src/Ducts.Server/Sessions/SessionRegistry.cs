using System.Collections.Concurrent;
using System.Collections;
using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>The live sessions, by the stream id of their discovery.</summary>
internal sealed partial class SessionRegistry(
    SessionContext context,
    SessionTickets tickets,
    VoidedTickets voided,
    SessionIndex index,
    DispatchWatch watch,
    Broadcast broadcast,
    ISessionPlacement? placement = null) : PushTarget(broadcast), ISessionCollection
{
    // A stop may take a few seconds beyond the time that requests have, or the command that asked for it kills the process.
    // These are a part of it; the handlers' end, Kestrel's and that of Redis take the rest.
    private static readonly TimeSpan CancelledPatience = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan SocketPatience = TimeSpan.FromSeconds(0.6);
    private static readonly TimeSpan HookPatience = TimeSpan.FromSeconds(0.4);

    private static readonly SessionEnd ServerStops = new(CloseCode.GoingAway, "server stops");
    private static readonly SessionEnd ForMemory = new(CloseCode.Normal, "memory");

    private readonly ConcurrentDictionary<string, Session> _sessions = new();
    private readonly ConcurrentDictionary<Task, byte> _closings = new();
    private readonly ConcurrentDictionary<Task, byte> _sockets = new();
    private volatile bool _stopping;
    private bool _toldOfMemory;

    public int Count => _sessions.Count;

    /// <summary>The server stops: no new session is opened.</summary>
    public bool IsStopping => _stopping;

    public IEnumerable<Session> Live => _sessions.Select(static pair => pair.Value);

    protected override PushScope Scope => PushScope.All;

    protected override IEnumerable<Session> Targets => Live;

    public Session? Find(SessionUrlId id) =>
        _sessions.TryGetValue(id.StreamId, out var session) && session.Ticket.HasSecret(id.Secret) ? session : null;

    IEventSession? ISessionCollection.Find(string sessionId)
    {
        ArgumentNullException.ThrowIfNull(sessionId);
        // The id is compared, too: base64 has more than one spelling of the same bytes.
        return SessionUrlId.TryReadSessionId(sessionId, out var streamId)
            && _sessions.TryGetValue(streamId, out var session) && session.SessionId == sessionId
                ? session.CreateView()
                : null;
    }

    /// <summary>Opens a session; one of the same id that still lives is ended first.</summary>
    /// <returns>
    /// The session; null, with the reason, when its user or address has as many as it may have, and without one when the ticket has
    /// become void.
    /// </returns>
    public async Task<(Session? Session, SessionCount Count)> OpenAsync(SessionTicket ticket, SessionUser user, SessionHolding? holding = null)
    {
        var session = new Session(context, ticket, user) { Registry = this, Holding = holding };
        while (true)
        {
            if (await TryOpenAsync(session) is { } opened)
                return opened;
            if (_sessions.TryGetValue(ticket.StreamId, out var old))
            {
                // One whose client counts is not ended by its address alone.
                if (old.Resumption is not null)
                {
                    HandOver(session, old);
                    return (null, SessionCount.Free);
                }

                await CloseAsync(old, SessionEnd.Replaced);
            }
        }
    }

    /// <summary>Opens a session whose client counts messages.</summary>
    /// <returns>As <see cref="OpenAsync"/>; null when there is one of the same id.</returns>
    public async Task<(Session? Session, SessionCount Count)?> OpenResumingAsync(SessionTicket ticket, SessionUser user, SessionHolding? holding = null)
    {
        var session = new Session(context, ticket, user, resumes: true) { Registry = this, Holding = holding };
        var opened = await TryOpenAsync(session);
        if (opened is null)
        {
            _sessions.TryGetValue(ticket.StreamId, out var old);
            HandOver(session, old);
        }

        return opened;
    }

    /// <summary>Ends a session and everything that belongs to it.</summary>
    public async Task CloseAsync(Session session, SessionEnd end)
    {
        var closing = CloseCoreAsync(session, end);
        _closings.TryAdd(closing, 0);
        try
        {
            await closing;
        }
        finally
        {
            _closings.TryRemove(closing, out _);
        }
    }

    /// <summary>Ends a session, and voids its ticket where the end says so.</summary>
    public async Task EndAsync(Session session, SessionEnd end)
    {
        // First, so that nobody takes it over, and nothing of it is served, while Redis is being told.
        session.BeginEnd(end);
        if (end.VoidsTicket)
        {
            try
            {
                await tickets.VoidAsync(session.Ticket.StreamId, CancellationToken.None);
            }
            catch (Exception exception)
            {
                context.Log.TicketNotVoided(exception, session.SessionId);
            }
        }

        await CloseAsync(session, end);
    }

    /// <summary>Ends a session without waiting for its hooks, which may be the caller.</summary>
    public void BeginEnd(Session session, SessionEnd end)
    {
        session.BeginEnd(end);
        _ = CloseAsync(session, end);
    }

    /// <summary>Begins to end a session whose time is over; a stop waits for it.</summary>
    public void StartEnd(Session session, SessionEnd end)
    {
        var ending = EndAsync(session, end);
        _closings.TryAdd(ending, 0);
        _ = ending.ContinueWith(
            static (ended, closings) => ((ConcurrentDictionary<Task, byte>)closings!).TryRemove(ended, out _),
            _closings,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>Ends a session because the application asks for it, without waiting for its hooks.</summary>
    /// <exception cref="Redis.RedisClientException">Redis cannot be reached: the session has ended, its ticket holds.</exception>
    public async Task EndNowAsync(Session session, SessionEnd end, CancellationToken cancellationToken)
    {
        // First, so that nobody takes it over while Redis is being told.
        session.BeginEnd(end);
        try
        {
            await tickets.VoidAsync(session.Ticket.StreamId, cancellationToken);
        }
        finally
        {
            BeginEnd(session, end);
        }
    }

    public void CountLimited(SessionCount count) => context.Metrics.Limited(SessionCounts.NameOf(count));

    /// <summary>Returns whether sessions take so much memory that no further one begins; the log tells when that begins.</summary>
    public bool IsShortOfMemory()
    {
        if (!context.Memory.IsSpent)
        {
            _toldOfMemory = false;
            return false;
        }

        context.Metrics.Refused();
        if (!Interlocked.Exchange(ref _toldOfMemory, true))
        {
            context.Log.RefusedForMemory(context.Memory.Used, context.Memory.Limit);
        }

        return true;
    }

    /// <summary>
    /// Ends sessions that wait for a reconnect, those first that take the most memory, until new ones may begin.
    /// </summary>
    public void EndWaiting(ISet<Task> closings)
    {
        var excess = context.Memory.Excess;
        foreach (var (session, bytes) in Live.Select(static session => (session, Kept(session))).OrderByDescending(static pair => pair.Item2))
        {
            if (excess <= 0)
            {
                return;
            }

            if (session.TryEndWaiting(ForMemory))
            {
                excess -= bytes + MemoryBudget.SessionCost;
                context.Metrics.EndedForMemory();
                context.Log.EndedForMemory(context.Memory.Used, context.Memory.Limit, session.SessionId, bytes);
                closings.Add(CloseAsync(session, ForMemory));
            }
        }
    }

    /// <summary>Runs a socket beyond the request that opened it; a stop waits for it.</summary>
    public void RunSocket(string sessionId, Func<Task> run)
    {
        Task running;
        // Nothing of the request goes along: its context would stay in memory as long as the socket.
        using (ExecutionContext.SuppressFlow())
            running = Task.Run(() => RunLoggedAsync(sessionId, run));
        _sockets.TryAdd(running, 0);
        _ = running.ContinueWith(
            static (ended, sockets) => ((ConcurrentDictionary<Task, byte>)sockets!).TryRemove(ended, out _),
            _sockets,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>
    /// Ends all sessions: streams at once, single requests after the time they have, then the sockets, then the hooks, which have
    /// what the requests have left of their time.
    /// </summary>
    public async Task StopAsync(TimeSpan patience)
    {
        _stopping = true;
        var began = context.Time.GetTimestamp();
        var sessions = Live.ToArray();
        foreach (var session in sessions)
            session.Requests.CancelStreams();
        // A request is counted when its handler has returned something to wait for, or is seen to keep its thread.
        await EndWithinAsync([watch.WhenRunningEndAsync()], patience);

        if (!await EndWithinAsync(sessions.Select(static session => session.Requests.WaitNoneAsync()), patience))
        {
            foreach (var session in sessions)
                session.Requests.CancelAll();
            // Time for the errors that the cancelled requests answer with; then those whose handlers do not stop get theirs.
            await EndWithinAsync(sessions.Select(static session => session.Requests.WaitNoneAsync()), CancelledPatience);
            foreach (var session in sessions)
                session.Requests.AbandonAll();
        }

        // Taken now, for a session that is closed has none any more.
        var sockets = sessions.Select(static session => session.CurrentConnection).OfType<Connection>().ToArray();
        foreach (var session in sessions)
            session.CloseSocket(ServerStops, drain: true);
        // Sockets whose peers read are closed by now or soon; the others are cut.
        await EndWithinAsync(sockets.Select(static socket => socket.Ended), SocketPatience);
        foreach (var session in sessions)
            _ = CloseAsync(session, ServerStops);
        var left = patience - context.Time.GetElapsedTime(began);
        if (!await EndWithinAsync(_closings.Keys, left > HookPatience ? left : HookPatience))
        {
            context.Observer.StopWaiting();
            await EndWithinAsync(_closings.Keys, CancelledPatience);
        }

        foreach (var socket in sockets)
            socket.Abort();
        await EndWithinAsync(_sockets.Keys, CancelledPatience);
    }

    public IEnumerator<IEventSession> GetEnumerator() => Live.Select(static session => session.CreateView()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public async ValueTask<int> PushAsync(int id, object? data, Func<IEventSession, bool> predicate, CancellationToken cancellationToken = default) =>
        (await PushAsync(id, data, predicate, PushMode.Wait, cancellationToken)).Reached;

    public ValueTask<PushResult> PushAsync(int id, object? data, Func<IEventSession, bool> predicate, PushMode mode, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return SendAsync(id, data, predicate, mode, cancellationToken);
    }

    // What its end gives back at most: others may wait for the same messages, which is seen next time.
    private static long Kept(Session session) => session.Account.Used + session.Pushes.SharedBytes;

    private async Task CloseCoreAsync(Session session, SessionEnd end)
    {
        if (placement is not null && !await placement.MayEndAsync(session))
        {
            await DropAsync(session, end);
            return;
        }

        if (!await session.CloseAsync(end))
        {
            await session.Ended;
            return;
        }

        // Its client has the session's key, and asks discovery for another session: what it kept of this one has no meaning any more.
        var voidsTicket = session is { Resumption: not null, HasOpened: true };
        if (voidsTicket)
            tickets.Void(session.Ticket.StreamId);
        // First: who opens it anew finds its place free.
        index.Remove(session);
        _sessions.TryRemove(new KeyValuePair<string, Session>(session.Ticket.StreamId, session));
        try
        {
            if (voidsTicket)
                await tickets.VoidAsync(session.Ticket.StreamId, CancellationToken.None);
            if (placement is not null)
                await placement.EndAsync(session, voidsTicket || end.VoidsTicket);
            await tickets.CloseAsync(session.Ticket, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // The session is over all the same; what is missing is its entry among the closed ones.
            context.Log.CloseNotRecorded(exception, session.SessionId);
        }

        context.Log.Closed(session.SessionId, session.Sent);
        session.SetEnded();
    }

    private async Task<(Session? Session, SessionCount Count)?> TryOpenAsync(Session session)
    {
        var streamId = session.Ticket.StreamId;
        if (!_sessions.TryAdd(streamId, session))
            return null;
        // The one before it has voided the ticket before it left its place.
        var isVoid = voided.Contains(streamId);
        var count = isVoid ? SessionCount.Free : index.TryAdd(session);
        if (isVoid || count != SessionCount.Free)
        {
            // As if it had never been: nobody has been told of it.
            _sessions.TryRemove(new KeyValuePair<string, Session>(streamId, session));
            await AbandonAsync(session);
            return (null, count);
        }

        context.Log.Opened(session.SessionId);
        // A stop that began meanwhile may not have seen it.
        if (_stopping)
            await CloseAsync(session, ServerStops);
        return (session, SessionCount.Free);
    }

    private async Task RunLoggedAsync(string sessionId, Func<Task> run)
    {
        try
        {
            await run();
        }
        catch (Exception exception)
        {
            // Nothing is expected here; the other sockets go on and the log tells.
            context.Log.SocketFailed(exception, sessionId);
        }
    }

    private static async Task<bool> EndWithinAsync(IEnumerable<Task> tasks, TimeSpan time)
    {
        var all = Task.WhenAll(tasks);
        return await Task.WhenAny(all, Task.Delay(time)) == all;
    }
}
