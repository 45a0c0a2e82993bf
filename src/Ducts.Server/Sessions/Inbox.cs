using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>
/// The messages of a session that have come and wait until they may be handled, in the order in which they came. It outlives
/// connections: what has been received is handled, also when the connection has ended meanwhile.
/// </summary>
/// <remarks>
/// Threading: receive loops add, one <see cref="InboxPump"/> at a time takes, any thread cancels. While a pump runs, messages that
/// come go behind those that wait.
/// </remarks>
internal sealed class Inbox(Session session)
{
    private readonly Lock _gate = new();
    private readonly ChangeSignal _changed = new();
    private Dictionary<byte[], WaitingMessage>? _byId;
    private IMessageDispatch? _answers;
    private WaitingMessage? _first;
    private WaitingMessage? _last;
    private long _waiting;
    private long _waitingLength;
    private long _running;
    private bool _pumping;
    private bool _stopped;

    /// <summary>Gets whether nothing waits, nor is being taken, so that a message that comes may be handled at once.</summary>
    public bool IsIdle => !Volatile.Read(ref _pumping);

    /// <summary>Gets the memory of the requests that wait, and the bytes of those that run.</summary>
    public long Bytes => Volatile.Read(ref _waiting) + Running;

    /// <summary>Gets the bytes of the messages that wait, as their client counts them.</summary>
    public long WaitingLength => Volatile.Read(ref _waitingLength);

    /// <summary>Gets the bytes of the requests that run.</summary>
    public long Running => Volatile.Read(ref _running);

    /// <summary>Gets whether <see cref="Take"/> has something to do.</summary>
    public bool MayTakeNext
    {
        get
        {
            lock (_gate)
                return _first is null || _first.IsReleased || session.Capacity.MayDispatch(_first.Length);
        }
    }

    /// <summary>Adds a message, of which a copy is made. One that does not wait for others is handled by the caller's dispatch.</summary>
    /// <param name="encoding">How the message is written.</param>
    /// <param name="message">The message, valid while this runs.</param>
    /// <param name="dispatch">The caller's dispatch.</param>
    /// <param name="number">Its number; 0 where the session's messages have none.</param>
    /// <param name="credit">How many items its stream may send; 0 for no limit.</param>
    public void Add(WireEncoding encoding, ReadOnlyMemory<byte> message, IMessageDispatch dispatch, long number = 0, int credit = 0)
    {
        var (requestId, isUrgent) = dispatch.Peek(encoding, message);
        // A client of version 1 that reads nothing does not get more and more answers by it. One of version 2 is always read, so that
        // a message that waited would cost more than its answer; and what is queued says nothing of whether it may end its session.
        if (isUrgent && (session.Resumption is not null || session.Capacity.MayAnswerUrgent))
        {
            dispatch.Dispatch(encoding, message, credit);
            return;
        }

        var waiting = new WaitingMessage(encoding, message.Span, requestId, number, credit) { CountedLength = isUrgent ? 0 : message.Length };
        Interlocked.Add(ref _waitingLength, waiting.CountedLength);
        Interlocked.Add(ref _waiting, waiting.Cost);
        session.Account.Take(waiting.Cost);
        session.Requests.BeganToWait();
        var starts = false;
        lock (_gate)
        {
            Append(waiting);
            if (!_stopped)
            {
                (starts, _pumping) = (!_pumping, true);
            }
        }

        if (starts)
        {
            StartPump();
        }
        else if (Volatile.Read(ref _stopped))
        {
            CancelAll();
        }
    }

    /// <summary>Takes the next message if it may be handled; <see cref="End"/> or <see cref="PutBack"/> follows.</summary>
    /// <returns>Null when it has to wait, or when the inbox is empty and the pump ends.</returns>
    public WaitingMessage? Take(out bool isEmpty)
    {
        lock (_gate)
        {
            while (_first is { IsReleased: true } cancelled)
            {
                RemoveFirst();
                Give(cancelled.Cost);
                NoteLeft(cancelled);
            }

            isEmpty = _first is null;
            if (_first is not { } next)
            {
                Volatile.Write(ref _pumping, false);
                // What came meanwhile and did not wait, such as credit, has left with the last that did.
                Interlocked.MemoryBarrier();
                session.Resumption?.NoteEmpty();
                return null;
            }

            if (!session.Capacity.MayDispatch(next.Length))
            {
                return null;
            }

            RemoveFirst();
            next.IsTaken = true;
            session.Requests.EndedToWait();
            return next;
        }
    }

    /// <summary>The message has been handled.</summary>
    public void End(WaitingMessage message)
    {
        bool isCancelled;
        lock (_gate)
        {
            Forget(message);
            isCancelled = message.IsCancelled;
        }

        if (isCancelled)
        {
            session.Requests.CancelRunning(message.RequestId);
        }

        var cost = message.Cost;
        message.Release();
        Give(cost);
        NoteLeft(message);
        session.Requests.Ended();
    }

    /// <summary>The message has to wait after all, before those that came later.</summary>
    public void PutBack(WaitingMessage message)
    {
        session.Requests.Waits();
        bool isCancelled;
        lock (_gate)
        {
            message.Next = _first;
            _first = message;
            _last ??= message;
            message.IsTaken = false;
            Remember(message);
            isCancelled = message.IsCancelled;
        }

        if (isCancelled)
        {
            Cancel(message.RequestId);
        }

        if (Volatile.Read(ref _stopped))
        {
            CancelAll();
        }
    }

    /// <summary>Ends the request of an id, if it waits, and answers it. One that is just being handled is cancelled right after that.</summary>
    public bool Cancel(ReadOnlySpan<byte> requestId)
    {
        WaitingMessage? found;
        lock (_gate)
        {
            if (_byId is null || !_byId.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(requestId, out _, out found))
            {
                return false;
            }

            if (found.IsTaken)
            {
                found.IsCancelled = true;
                return true;
            }

            Answer(found, isStopping: false);
        }

        session.Requests.EndedToWait();
        session.Requests.Ended();
        return true;
    }

    /// <summary>Lets the stream of a request that waits send further items.</summary>
    /// <returns>False when none of that id waits.</returns>
    public bool TryAddCredit(ReadOnlySpan<byte> requestId, int credit)
    {
        lock (_gate)
        {
            if (_byId is null || !_byId.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(requestId, out var found))
            {
                return false;
            }

            // One that is just being handled has passed its credit on already; whoever it is looks again.
            if (!found.IsTaken && found.Credit > 0)
            {
                found.Credit = (int)Math.Min((long)found.Credit + credit, int.MaxValue);
            }

            return !found.IsTaken;
        }
    }

    /// <summary>Ends all requests that wait, those too that come later, and answers them.</summary>
    public void CancelAll()
    {
        var count = 0;
        lock (_gate)
        {
            _stopped = true;
            for (var message = _first; message is not null; message = message.Next)
            {
                if (!message.IsReleased)
                {
                    Answer(message, isStopping: true);
                    count++;
                }

                Give(message.Cost);
                Interlocked.Add(ref _waitingLength, -message.CountedLength);
            }

            _first = _last = null;
            _byId = null;
        }

        for (; count > 0; count--)
        {
            session.Requests.EndedToWait();
            session.Requests.Ended();
        }
    }

    /// <summary>A request runs beyond its dispatch, and with it what it was made of.</summary>
    public void BeganToRun(int bytes)
    {
        Interlocked.Add(ref _running, bytes);
        session.Account.Take(bytes);
    }

    public void EndedToRun(int bytes)
    {
        Interlocked.Add(ref _running, -bytes);
        session.Account.Give(bytes);
        _changed.Raise();
    }

    /// <summary>Returns a task that ends when fewer bytes wait or run. The caller looks again before it waits.</summary>
    public Task WhenChanged() => _changed.Next();

    /// <summary>Starts to handle what waits, or goes on in the place of a pump whose handler keeps its thread.</summary>
    public void StartPump()
    {
        // Not awaited: each message that waits counts as a request that has not been answered, and those are waited for.
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(() => new InboxPump(session, this).RunAsync());
    }

    private void Append(WaitingMessage message)
    {
        if (_last is null)
        {
            _first = message;
        }
        else
        {
            _last.Next = message;
        }

        _last = message;
        Remember(message);
    }

    private void Remember(WaitingMessage message)
    {
        if (message.RequestId.Length > 0)
        {
            (_byId ??= new(RequestIdComparer.Instance)).TryAdd(message.RequestId, message);
        }
    }

    private void RemoveFirst()
    {
        _first = _first!.Next;
        if (_first is null)
        {
            _last = null;
        }
    }

    private void Forget(WaitingMessage message)
    {
        // Another of the same id may have been there first.
        if (_byId is not null && _byId.TryGetValue(message.RequestId, out var known) && known == message)
        {
            _byId.Remove(message.RequestId);
        }
    }

    private void NoteLeft(WaitingMessage message)
    {
        Interlocked.Add(ref _waitingLength, -message.CountedLength);
        if (message.Number > 0)
        {
            session.Resumption?.NoteLeft(message.Number, message.Length);
        }
    }

    private void Answer(WaitingMessage message, bool isStopping)
    {
        _answers ??= session.Context.Dispatcher.CreateDispatch(session.Channel);
        _answers.Cancel(message.Encoding, message.Bytes, isStopping);
        Give(message.Release());
    }

    private void Give(int bytes)
    {
        Interlocked.Add(ref _waiting, -bytes);
        session.Account.Give(bytes);
        _changed.Raise();
    }
}
