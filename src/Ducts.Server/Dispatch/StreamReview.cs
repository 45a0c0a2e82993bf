namespace Ducts.Dispatch;

/// <summary>Asks the guard of a stream's event again when the session's user has been replaced, and ends the stream of one who may not have it.</summary>
/// <remarks>Threading: any thread begins reviews; they run one after the other.</remarks>
internal sealed class StreamReview(Request request, IEventGuard guard)
{
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private bool _isClosed;

    /// <summary>Begins a review, unless the request is over.</summary>
    /// <returns>Ends when it has been decided.</returns>
    public Task BeginAsync()
    {
        lock (_gate)
            return _isClosed ? Task.CompletedTask : _running = RunAsync(_running);
    }

    /// <summary>Lets no further review begin: the services of the request are about to be disposed.</summary>
    /// <returns>Ends with those that have begun.</returns>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            return _running;
        }
    }

    private async Task RunAsync(Task before)
    {
        // Nothing of it runs under the lock, and none of it on the thread of a receive loop.
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (request.IsFinished)
        {
            return;
        }

        string? refusal;
        try
        {
            refusal = await guard.RefuseAsync(request, request.Channel.User);
        }
        catch (Exception exception)
        {
            // What cannot be decided is not allowed.
            refusal = request.Dispatcher.Errors.Refusal(exception, request.Entry, request.Channel.SessionId);
        }

        if (refusal is not null)
        {
            request.Refuse(new EventException(guard.ErrorName, refusal));
        }
    }
}
