namespace Ducts.Concurrency;

/// <summary>Classes with a fault of each kind that the other tests look for. When one of them is not found, the others prove nothing.</summary>
public class PlantedBugTests
{
    [Fact]
    public void A_deadlock_of_two_locks_is_found()
    {
        var found = Exploration.Finds(static async () =>
        {
            var broken = new CrossedLocks();
            await ModelTasks.AllOf(Task.Run(broken.Forth), Task.Run(broken.Back));
        });

        Assert.Contains("deadlock", found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lost_wake_up_is_found()
    {
        var found = Exploration.Finds(static async () =>
        {
            var broken = new ForgetfulGate();
            var waiting = Task.Run(broken.WaitAsync);
            var opening = Task.Run(broken.Open);
            await ModelTasks.AllOf(waiting, opening);
        });

        Assert.Contains("deadlock", found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signal_that_is_overlooked_between_two_atomic_operations_is_found()
    {
        var found = Exploration.Finds(static async () =>
        {
            var broken = new DeafSender();
            await ModelTasks.AllOf(Task.Run(broken.AppendAndSignal), Task.Run(broken.AppendAndSignal));
            Assert.Equal(2, broken.Sent);
        });

        Assert.Contains("Assert.Equal", found, StringComparison.Ordinal);
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
