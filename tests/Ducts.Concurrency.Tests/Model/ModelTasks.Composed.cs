using System.Runtime.ExceptionServices;

namespace Ducts.Concurrency.Model;

/// <summary>
/// Tasks that are made of others. A completion source that runs its continuations asynchronously completes those of the framework
/// on the thread pool, which Coyote does not see: where nothing else can run meanwhile, it reports a deadlock that is none. These
/// await, and what awaits continues where Coyote says.
/// </summary>
public static partial class ModelTasks
{
    /// <summary>Stands for <c>Task.Run</c>.</summary>
    public static Task Run(Action action) => Task.Run(action);

    /// <inheritdoc cref="Run(Action)"/>
    public static Task<T> Run<T>(Func<T> function) => Task.Run(function);

    /// <inheritdoc cref="Run(Action)"/>
    public static async Task Run(Func<Task> function)
    {
        var running = Task.CompletedTask;
        await Task.Run(() =>
        {
            running = function();
        });
        await running;
    }

    /// <inheritdoc cref="Run(Action)"/>
    public static async Task<T> Run<T>(Func<Task<T>> function)
    {
        Task<T>? running = null;
        await Task.Run(() =>
        {
            running = function();
        });
        return await running!;
    }

    /// <summary>Stands for <c>Task.WhenAll</c>.</summary>
    public static Task WhenAll(params Task[] tasks) => EndAsync(tasks);

    /// <inheritdoc cref="WhenAll(Task[])"/>
    public static Task WhenAll(IEnumerable<Task> tasks) => EndAsync([.. tasks]);

    /// <inheritdoc cref="WhenAll(Task[])"/>
    public static async Task<T[]> WhenAll<T>(params Task<T>[] tasks)
    {
        await EndAsync(tasks);
        return [.. tasks.Select(static task => task.Result)];
    }

    /// <summary>Stands for <c>Task.WhenAny</c>.</summary>
    public static Task<Task> WhenAny(params Task[] tasks)
    {
        var first = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var task in tasks)
        {
            if (task.IsCompleted)
            {
                return Task.FromResult(task);
            }
        }

        foreach (var task in tasks)
        {
            _ = NoteAsync(task, first);
        }

        return first.Task;
    }

    /// <inheritdoc cref="WhenAny(Task[])"/>
    public static Task<Task> WhenAny(IEnumerable<Task> tasks) => WhenAny([.. tasks]);

    private static async Task EndAsync(Task[] tasks)
    {
        Exception? failure = null;
        foreach (var task in tasks)
        {
            try
            {
                await task;
            }
            catch (Exception exception) when (exception is not ThreadInterruptedException)
            {
                failure ??= exception;
            }
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private static async Task NoteAsync(Task task, TaskCompletionSource<Task> first)
    {
        try
        {
            await task;
        }
        catch (Exception exception) when (exception is not ThreadInterruptedException)
        {
            // Whoever takes the task sees it.
        }

        first.TrySetResult(task);
    }
}
