using Ducts.Dispatch.Errors;

namespace Ducts.Dispatch;

/// <summary>Asks the guard of a stream's event again when the session's user has been replaced, and ends the stream of one who may not have it.</summary>
/// <remarks>Threading: any thread begins reviews; they run one after the other.</remarks>
internal sealed class StreamReview(Request request, IEventGuard guard)
{
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Gets a task that ends with the reviews that have begun.</summary>
    public Task Running
    {
        get
        {
            lock (_gate)
                return _running;
        }
    }

    public void Begin()
    {
        lock (_gate)
            _running = RunAsync(_running);
    }

    private async Task RunAsync(Task before)
    {
        // Nothing of it runs under the lock, and none of it on the thread of the session's receive loop.
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (request.IsFinished)
        {
            return;
        }

        try
        {
            if (await guard.CheckAsync(request, request.Channel.User) is { } refusal)
            {
                request.BreakOff(new EventException(guard.ErrorName, refusal));
            }
        }
        catch (Exception exception)
        {
            // Nobody has said that it may go on.
            request.BreakOff(ErrorMapper.Unwrap(exception));
        }
    }
}
