namespace Ducts.Concurrency.Model;

/// <summary>Stands for <c>System.Threading.Tasks.ConfigureAwaitOptions</c>.</summary>
[Flags]
public enum ModelAwaitOptions
{
    None = 0,
    ContinueOnCapturedContext = 1,
    SuppressThrowing = 2,
    ForceYielding = 4,
}

/// <summary>What tasks do with the stand-ins of this folder. The framework's own members do not take them, so these are found.</summary>
public static partial class ModelTasks
{
    /// <summary>What takes this long or longer does not end within a scenario.</summary>
    public static readonly TimeSpan LongTime = TimeSpan.FromHours(1);

    /// <summary>Stands for <c>Task.Delay</c>: a delay ends at any time.</summary>
    public static Task Delay(TimeSpan delay, ModelTime time, CancellationToken cancellationToken = default) =>
        delay == Timeout.InfiniteTimeSpan || delay >= LongTime ? NeverAsync(cancellationToken) : Task.Delay(1, cancellationToken);

    /// <inheritdoc cref="Delay(TimeSpan, ModelTime, CancellationToken)"/>
    public static Task Delay(TimeSpan delay) => Delay(delay, ModelTime.System);

    /// <summary>Stands for <c>Task.WaitAsync</c>.</summary>
    public static Task WaitControlledAsync(this Task task, CancellationToken cancellationToken) =>
        task.IsCompleted || !cancellationToken.CanBeCanceled ? task : WaitForAsync(task, cancellationToken);

    /// <inheritdoc cref="WaitControlledAsync(Task, CancellationToken)"/>
    public static async Task<T> WaitControlledAsync<T>(this Task<T> task, CancellationToken cancellationToken)
    {
        await WaitControlledAsync((Task)task, cancellationToken);
        return await task;
    }

    /// <summary>Waits without a timeout: that an answer comes too late is explored by tests that leave it out.</summary>
    public static Task WaitControlledAsync(this Task task, TimeSpan timeout, ModelTime time, CancellationToken cancellationToken = default) =>
        task.WaitControlledAsync(cancellationToken);

    /// <inheritdoc cref="WaitControlledAsync(Task, TimeSpan, ModelTime, CancellationToken)"/>
    public static Task<T> WaitControlledAsync<T>(this Task<T> task, TimeSpan timeout, ModelTime time, CancellationToken cancellationToken = default) =>
        task.WaitControlledAsync(cancellationToken);

    /// <inheritdoc cref="WaitControlledAsync(Task, TimeSpan, ModelTime, CancellationToken)"/>
    public static Task WaitControlledAsync(this Task task, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        task.WaitControlledAsync(cancellationToken);

    /// <inheritdoc cref="WaitControlledAsync(Task, TimeSpan, ModelTime, CancellationToken)"/>
    public static Task<T> WaitControlledAsync<T>(this Task<T> task, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        task.WaitControlledAsync(cancellationToken);

    public static Task WaitControlledAsync(this SemaphoreSlim semaphore, CancellationToken cancellationToken = default) => semaphore.WaitAsync(cancellationToken);

    /// <summary>Stands for <c>Stream.WriteAsync</c>.</summary>
    public static ValueTask WriteControlledAsync(this Stream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        ((ModelSocket)stream).TakeAsync(bytes, cancellationToken);

    /// <summary>A method of this name that is not the framework's.</summary>
    internal static Task WaitControlledAsync(this Ducts.Sessions.Push push, CancellationToken cancellationToken) => push.WaitAsync(cancellationToken);

    public static async Task ConfigureAwait(this Task task, ModelAwaitOptions options)
    {
        if ((options & ModelAwaitOptions.ForceYielding) != 0)
        {
            await Task.Yield();
        }

        try
        {
            await task;
        }
        catch (Exception) when ((options & ModelAwaitOptions.SuppressThrowing) != 0)
        {
            // As asked for.
        }
    }

    private static async Task NeverAsync(CancellationToken cancellationToken)
    {
        var never = new TaskCompletionSource();
        await never.Task.WaitControlledAsync(cancellationToken);
    }

    private static async Task WaitForAsync(Task task, CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var registration = cancellationToken.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), cancelled);
        try
        {
            if (await WhenAny(task, cancelled.Task) == cancelled.Task && !task.IsCompleted)
            {
                throw new OperationCanceledException(cancellationToken);
            }
        }
        finally
        {
            // Not disposed of: that waits for a callback that runs, in a way that Coyote does not see.
            registration.Unregister();
        }

        await task;
    }
}
