namespace Ducts.Concurrency;

/// <summary>Scenarios with a fault of each kind that the tests look for.</summary>
internal static class PlantedBugs
{
    /// <summary>Two threads take two locks, each in the other's order.</summary>
    public static Task CrossLocksAsync()
    {
        var broken = new CrossedLocks();
        return ModelTasks.WhenAll(ModelTasks.Run(broken.Forth), ModelTasks.Run(broken.Back));
    }

    /// <summary>Who waits looks before it waits, and is not woken by what happens in between.</summary>
    public static Task LoseWakeUpAsync()
    {
        var broken = new ForgetfulGate();
        return ModelTasks.WhenAll(ModelTasks.Run(broken.WaitAsync), ModelTasks.Run(broken.Open));
    }

    /// <summary>Who sends overlooks a signal that comes while it ends.</summary>
    public static async Task OverlookSignalAsync()
    {
        var broken = new DeafSender();
        await ModelTasks.WhenAll(ModelTasks.Run(broken.AppendAndSignal), ModelTasks.Run(broken.AppendAndSignal));
        Assert.Equal(2, broken.Sent);
    }

    private sealed class CrossedLocks
    {
        private readonly Lock _first = new();
        private readonly Lock _second = new();

        public void Forth()
        {
            lock (_first)
            {
                lock (_second)
                {
                }
            }
        }

        public void Back()
        {
            lock (_second)
            {
                lock (_first)
                {
                }
            }
        }
    }

    /// <summary>Looks, and waits only then: what happens between the two wakes nobody.</summary>
    private sealed class ForgetfulGate
    {
        private readonly Lock _gate = new();
        private TaskCompletionSource? _waiter;
        private bool _open;

        public Task WaitAsync()
        {
            lock (_gate)
            {
                if (_open)
                {
                    return Task.CompletedTask;
                }
            }

            lock (_gate)
            {
                _waiter = new TaskCompletionSource();
                return _waiter.Task;
            }
        }

        public void Open()
        {
            TaskCompletionSource? waiter;
            lock (_gate)
            {
                _open = true;
                waiter = _waiter;
            }

            waiter?.SetResult();
        }
    }

    /// <summary>As the sender, without the state that says that a signal came while it was sending.</summary>
    private sealed class DeafSender
    {
        private int _waiting;
        private int _isSending;

        public int Sent { get; private set; }

        public void AppendAndSignal()
        {
            Interlocked.Increment(ref _waiting);
            if (Interlocked.CompareExchange(ref _isSending, 1, 0) != 0)
            {
                return;
            }

            Sent += Interlocked.Exchange(ref _waiting, 0);
            Interlocked.Exchange(ref _isSending, 0);
        }
    }
}
