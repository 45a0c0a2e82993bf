using System.Threading.Tasks.Sources;

namespace Ducts.Redis.Commands;

/// <summary>Where a call is.</summary>
internal enum CallState
{
    /// <summary>It waits to be handed to the library; nobody else has seen it.</summary>
    Waiting,

    /// <summary>It was handed over and has not come back.</summary>
    Sent,

    /// <summary>It came back.</summary>
    Done,
}

/// <summary>A command, batch or transaction on its way. Its caller may be told of an outcome before it comes back.</summary>
// Threading: State, Next and Previous are the queue's, under its gate; whoever wins TrySettle tells the caller.
internal abstract class RedisCall
{
    private int _settled;
    private CancellationTokenRegistration _registration;
    private CommandQueue? _queue;
    private Task? _task;

    /// <summary>Gets or sets the time stamp at which the caller is told that its time is up.</summary>
    public long Deadline { get; set; }

    /// <summary>Gets about how many bytes of memory it holds.</summary>
    public int Size { get; init; }

    /// <summary>Gets the number of commands.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Gets or sets the time stamp of its start; 0 if nobody measures.</summary>
    public long Started { get; set; }

    public CallState State { get; set; }

    public RedisCall? Next { get; set; }

    public RedisCall? Previous { get; set; }

    public CallList? List { get; set; }

    public bool IsSettled => Volatile.Read(ref _settled) != 0;

    /// <summary>Hands it to the library.</summary>
    public abstract Task Start();

    /// <summary>Tells the caller the result of a task that has completed; an exception of reading it is the caller's.</summary>
    public abstract void Complete(Task task);

    public abstract void Fail(Exception exception, bool isAsynchronous);

    /// <summary>Brings the call back to the queue when a task completes.</summary>
    public void Wait(CommandQueue queue, Task task)
    {
        // In fields: a lambda would cost a further object for each command.
        (_queue, _task) = (queue, task);
        task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(Return);
    }

    public bool TrySettle()
    {
        if (Interlocked.Exchange(ref _settled, 1) != 0)
        {
            return false;
        }

        _registration.Unregister();
        return true;
    }

    public void CancelWith(CommandQueue queue, CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled)
        {
            return;
        }

        var registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var (call, queue) = ((RedisCall, CommandQueue))state!;
                queue.Abandon(call, new OperationCanceledException(token));
            },
            (this, queue));
        _registration = registration;
        if (IsSettled)
        {
            // It came back meanwhile; a token that lives long is not to hold it.
            registration.Unregister();
        }
    }

    private void Return() => _queue!.ComeBack(this, _task!);
}

/// <summary>A call with a result.</summary>
internal abstract class RedisCall<T> : RedisCall, IValueTaskSource<T>
{
    private ManualResetValueTaskSourceCore<T> _source;

    public ValueTask<T> AsValueTask() => new(this, _source.Version);

    public override void Complete(Task task)
    {
        T result;
        try
        {
            result = Read(task);
        }
        catch (Exception exception)
        {
            _source.SetException(Connections.FailureReader.Read(exception));
            return;
        }

        _source.SetResult(result);
    }

    public override void Fail(Exception exception, bool isAsynchronous)
    {
        _source.RunContinuationsAsynchronously = isAsynchronous;
        _source.SetException(exception);
    }

    T IValueTaskSource<T>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<T>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    /// <summary>Reads the result of the task that <see cref="RedisCall.Start"/> gave, which has completed.</summary>
    protected abstract T Read(Task task);

    // The task of a call that could not even start has failed, and is of no type.
    protected static TResult ResultOf<TResult>(Task task)
    {
        task.GetAwaiter().GetResult();
        return ((Task<TResult>)task).GetAwaiter().GetResult();
    }
}
