namespace Ducts.Dispatch;

/// <summary>How many items a stream may send: each takes one credit, and its client gives credit as it reads.</summary>
/// <remarks>Threading: one task takes; any thread adds.</remarks>
internal sealed class StreamWindow(int credit)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiter;
    private long _credit = credit;

    /// <summary>Takes the credit for one item.</summary>
    /// <returns>False when none is left.</returns>
    public bool TryTake()
    {
        lock (_gate)
        {
            if (_credit == 0)
            {
                return false;
            }

            _credit--;
            return true;
        }
    }

    /// <summary>Adds credit.</summary>
    public void Add(int more)
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            // What nobody can use up need not be counted.
            _credit = Math.Min(_credit + more, int.MaxValue);
            (waiter, _waiter) = (_waiter, null);
        }

        waiter?.TrySetResult();
    }

    /// <summary>Takes the credit for one item as soon as there is some.</summary>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        while (!TryTake())
        {
            Task added;
            lock (_gate)
            {
                if (_credit > 0)
                {
                    continue;
                }

                _waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                added = _waiter.Task;
            }

            await added.WaitAsync(cancellationToken);
        }
    }
}
