namespace Ducts.Dispatch;

/// <content>How a request ends: by its last message, because it is cancelled, or interrupted by somebody who tells its client.</content>
internal sealed partial class Request
{
    public void Cancel() => GiveUp(breakOff: null);

    public void BreakOff() => GiveUp(EventException.ConnectionFailed("the server is stopping"));

    /// <summary>Cancels a stream that the session's user may not have any more.</summary>
    /// <param name="reason">What its client is told.</param>
    public void Refuse(EventException reason) => GiveUp(reason, isRefused: true);

    public Task OnUserChangedAsync() => Volatile.Read(ref _review)?.BeginAsync() ?? Task.CompletedTask;

    private void GiveUp(EventException? breakOff, bool isRefused = false)
    {
        CancellationTokenSource? cancellation;
        lock (_requestId)
        {
            // The first reason stays.
            if (!_cancelled)
                Volatile.Write(ref _brokenOff, breakOff);
            Volatile.Write(ref _isRefused, _isRefused | isRefused);
            _cancelled = true;
            cancellation = _cancellation;
        }

        try
        {
            cancellation?.Cancel();
        }
        catch (Exception exception)
        {
            // What a handler registered on its token failed; the request is cancelled all the same.
            Dispatcher.Log.CancellationFailed(exception, Entry.Spec.Key, Channel.SessionId);
        }
    }

    /// <summary>Whether the caller is the one who sends the last message.</summary>
    public bool TryFinish()
    {
        if (Interlocked.Exchange(ref _finished, 1) != 0)
            return false;
        // Who has its end can cancel it no more.
        Channel.Requests.Remove(this);
        return true;
    }

    /// <summary>Begins to send an item of a stream; <see cref="EndItem"/> follows where it may.</summary>
    /// <returns>False when the last message has been sent.</returns>
    public bool TryBeginItem()
    {
        // Whoever ends the request sees this, or it is seen here.
        Interlocked.Exchange(ref _sendsItem, 1);
        if (!IsFinished)
            return true;
        EndItem();
        return false;
    }

    public void EndItem() => Volatile.Write(ref _sendsItem, 0);

    public void Interrupt()
    {
        TryFinish();
        // It is queued by then, or dropped.
        SpinWait.SpinUntil(() => Volatile.Read(ref _sendsItem) == 0);
        Cancel();
    }

    /// <summary>Answers in the place of a handler that does not stop; what it still sends goes nowhere.</summary>
    public void Abandon()
    {
        if (IsStream)
            StreamPump.End(this, HasStarted);
        else
            Fail(new OperationCanceledException());
    }
}
