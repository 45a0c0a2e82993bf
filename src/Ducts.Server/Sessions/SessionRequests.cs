namespace Ducts.Sessions;

/// <summary>A session's requests that have not been answered.</summary>
/// <remarks>Threading: any thread, under one lock.</remarks>
internal sealed class SessionRequests(int limit)
{
    private readonly Lock _gate = new();
    private HashSet<ISessionRequest>? _requests;
    private TaskCompletionSource? _belowLimit;
    private TaskCompletionSource? _none;
    private int _count;
    private bool _stopping;
    private volatile bool _streamsStopped;

    /// <summary>How many requests have not been answered, with divided replies on their way.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Streams that begin are cancelled at once.</summary>
    public bool AreStreamsStopped => _streamsStopped;

    public bool IsBelowLimit => Count < limit;

    public void Began() => Interlocked.Increment(ref _count);

    public void Ended()
    {
        var count = Interlocked.Decrement(ref _count);
        if (Volatile.Read(ref _belowLimit) is null && Volatile.Read(ref _none) is null)
            return;
        TaskCompletionSource? belowLimit = null;
        TaskCompletionSource? none = null;
        lock (_gate)
        {
            if (count < limit)
                (belowLimit, _belowLimit) = (_belowLimit, null);
            if (count == 0)
                (none, _none) = (_none, null);
        }

        belowLimit?.TrySetResult();
        none?.TrySetResult();
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

    /// <summary>Cancels the request of an id, as its client asked.</summary>
    /// <returns>False when none of that id runs.</returns>
    public bool Cancel(ReadOnlySpan<byte> requestId)
    {
        ISessionRequest? found = null;
        lock (_gate)
        {
            if (_requests is null)
                return false;
            foreach (var request in _requests)
            {
                if (request.HasId(requestId))
                {
                    found = request;
                    break;
                }
            }
        }

        found?.Cancel();
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
        BreakOff(static _ => true);
    }

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
