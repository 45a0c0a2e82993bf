using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>A session's requests that have not been answered.</summary>
/// <remarks>Threading: any thread, under one lock.</remarks>
/// <param name="limit">The requests that may run beside each other, streams aside.</param>
/// <param name="maxStreams">The streams that may run beside each other.</param>
internal sealed class SessionRequests(int limit, int maxStreams)
{
    private readonly Lock _gate = new();
    private HashSet<ISessionRequest>? _requests;
    private TaskCompletionSource? _belowLimit;
    private TaskCompletionSource? _none;
    private int _count;
    private int _streams;
    private int _waiting;
    private bool _stopping;
    private volatile bool _streamsStopped;

    /// <summary>Gets or sets the messages that wait for their dispatch; they are cancelled as requests that run are.</summary>
    public Inbox? Inbox { get; set; }

    /// <summary>How many requests have not been answered, with divided replies on their way and those that wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Gets how many of them are streams.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>Streams that begin are cancelled at once.</summary>
    public bool AreStreamsStopped => _streamsStopped;

    /// <summary>Gets whether a further request may run: streams, which may run for days, have a limit of their own.</summary>
    public bool IsBelowLimit => Count - Streams - Volatile.Read(ref _waiting) < limit;

    public void Began() => Interlocked.Increment(ref _count);

    /// <summary>A message has come that has to wait.</summary>
    public void BeganToWait()
    {
        Waits();
        Began();
    }

    /// <summary>A request that has begun waits, or waits again.</summary>
    public void Waits() => Interlocked.Increment(ref _waiting);

    /// <summary>A request runs that has waited, or has been cancelled.</summary>
    public void EndedToWait() => Interlocked.Decrement(ref _waiting);

    /// <summary>A request that runs turns out to be a stream.</summary>
    /// <exception cref="EventException">As many as may run are running.</exception>
    public void BeganToStream()
    {
        if (Interlocked.Increment(ref _streams) > maxStreams)
        {
            EndedToStream();
            throw new EventException(ErrorNames.Runtime, $"this session has {maxStreams} open streams, which is the most that it may have; end one first (option max_streams)");
        }

        WakeWaiters();
    }

    /// <summary>A stream has ended; <see cref="Ended"/> follows.</summary>
    public void EndedToStream() => Interlocked.Decrement(ref _streams);

    public void Ended()
    {
        Interlocked.Decrement(ref _count);
        WakeWaiters();
    }

    /// <summary>Makes a request known to those who cancel.</summary>
    public void Add(ISessionRequest request)
    {
        bool cancel;
        lock (_gate)
        {
            (_requests ??= []).Add(request);
            cancel = _stopping;
        }

        if (cancel)
            request.BreakOff();
    }

    public void Remove(ISessionRequest request)
    {
        lock (_gate)
            _requests?.Remove(request);
    }

    /// <summary>Cancels the request of an id, which runs or waits.</summary>
    /// <returns>False when there is none of that id.</returns>
    public bool Cancel(ReadOnlySpan<byte> requestId) => CancelRunning(requestId) || Inbox?.Cancel(requestId) == true;

    /// <summary>Cancels the request of an id, if it runs.</summary>
    public bool CancelRunning(ReadOnlySpan<byte> requestId)
    {
        var found = FindRunning(requestId);
        found?.Cancel();
        return found is not null;
    }

    /// <summary>Ends the request of an id, if it runs, without anything more being sent of it.</summary>
    public void Interrupt(ReadOnlySpan<byte> requestId) => FindRunning(requestId)?.Interrupt();

    /// <summary>Lets the stream of a request, which runs or waits, send further items.</summary>
    /// <returns>False when there is none of that id.</returns>
    public bool TryAddCredit(ReadOnlySpan<byte> requestId, int credit)
    {
        // One that leaves the inbox meanwhile runs when it is looked for the second time.
        var found = FindRunning(requestId);
        if (found is null && Inbox?.TryAddCredit(requestId, credit) == true)
            return true;
        found ??= FindRunning(requestId);
        found?.AddCredit(credit);
        return found is not null;
    }

    /// <summary>Breaks off the streams that run, those too that come later.</summary>
    public void CancelStreams()
    {
        _streamsStopped = true;
        Interlocked.MemoryBarrier();
        BreakOff(static request => request.IsStream);
    }

    /// <summary>Breaks off all requests, those too that come later.</summary>
    public void CancelAll()
    {
        lock (_gate)
            _stopping = true;
        Inbox?.CancelAll();
        BreakOff(static _ => true);
    }

    /// <summary>Ends the streams that the session's new user may not have.</summary>
    public Task OnUserChangedAsync() => Task.WhenAll(Matching(static request => request.IsStream).Select(static request => request.OnUserChangedAsync()));

    /// <summary>Answers those that run in the place of their handlers.</summary>
    public void AbandonAll()
    {
        foreach (var request in Matching(static _ => true))
            request.Abandon();
    }

    /// <summary>Ends once fewer requests than the limit run.</summary>
    public Task WaitBelowLimitAsync()
    {
        lock (_gate)
        {
            _belowLimit ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            // The last of them may have ended before the waiter was seen: the waiter must be visible before the count is read.
            Interlocked.MemoryBarrier();
            if (IsBelowLimit)
                _belowLimit.TrySetResult();
            var task = _belowLimit.Task;
            if (task.IsCompleted)
                _belowLimit = null;
            return task;
        }
    }

    /// <summary>Ends once no request runs.</summary>
    public Task WaitNoneAsync()
    {
        lock (_gate)
        {
            _none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.MemoryBarrier();
            if (Count == 0)
                _none.TrySetResult();
            var task = _none.Task;
            if (task.IsCompleted)
                _none = null;
            return task;
        }
    }

    private void WakeWaiters()
    {
        // The caller's change comes first: who waits makes itself visible before it looks.
        if (Volatile.Read(ref _belowLimit) is null && Volatile.Read(ref _none) is null)
            return;
        TaskCompletionSource? belowLimit = null;
        TaskCompletionSource? none = null;
        lock (_gate)
        {
            if (IsBelowLimit)
                (belowLimit, _belowLimit) = (_belowLimit, null);
            if (Count == 0)
                (none, _none) = (_none, null);
        }

        belowLimit?.TrySetResult();
        none?.TrySetResult();
    }

    private ISessionRequest? FindRunning(ReadOnlySpan<byte> requestId)
    {
        lock (_gate)
        {
            if (_requests is not null)
            {
                foreach (var request in _requests)
                {
                    if (request.HasId(requestId))
                        return request;
                }
            }
        }

        return null;
    }

    private void BreakOff(Func<ISessionRequest, bool> matches)
    {
        foreach (var request in Matching(matches))
            request.BreakOff();
    }

    private ISessionRequest[] Matching(Func<ISessionRequest, bool> matches)
    {
        lock (_gate)
            return _requests is null ? [] : [.. _requests.Where(matches)];
    }
}
