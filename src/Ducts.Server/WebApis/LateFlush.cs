using System.IO.Pipelines;

namespace Ducts.WebApis;

/// <summary>Sends what has gathered in a response a moment later, unless what its writer waits for is there before.</summary>
/// <remarks>
/// Threading: one writer; a timer flushes while the writer waits. Under the lock, either sees what the other does.
/// </remarks>
internal sealed class LateFlush(PipeWriter body, TimeProvider time, CancellationToken aborted) : IAsyncDisposable
{
    /// <summary>The shortest time that a timer of the runtime keeps.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private ITimer? _timer;
    private Task? _flushed;
    private bool _isWaiting;
    private bool _isDue;

    /// <summary>Waits for the writer's next item; what has gathered leaves meanwhile if that takes as long as <see cref="Delay"/>.</summary>
    public async ValueTask<bool> WaitAsync(ValueTask<bool> next)
    {
        bool starts;
        lock (_gate)
        {
            _isWaiting = true;
            // One that is due soon serves later items, too: in rapid succession, setting it for each would cost more than it saves.
            (starts, _isDue) = (!_isDue, true);
        }

        if (starts)
        {
            _timer ??= time.CreateTimer(static state => ((LateFlush)state!).Flush(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(Delay, Timeout.InfiniteTimeSpan);
        }

        try
        {
            return await next;
        }
        finally
        {
            Task? flushed;
            lock (_gate)
            {
                (flushed, _flushed) = (_flushed, null);
                _isWaiting = false;
            }

            if (flushed is not null)
                await flushed;
        }
    }

    public ValueTask DisposeAsync() => _timer?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Flush()
    {
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _isDue = false;
            if (!_isWaiting)
                return;
            _isWaiting = false;
            _flushed = flushed.Task;
        }

        _ = FlushAsync(flushed);
    }

    private async Task FlushAsync(TaskCompletionSource flushed)
    {
        try
        {
            await body.FlushAsync(aborted);
            flushed.SetResult();
        }
        catch (Exception exception)
        {
            flushed.SetException(exception);
        }
    }
}
