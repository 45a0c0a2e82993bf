using Ducts.Connections;
using Ducts.Dispatch;

namespace Ducts.Handlers;

/// <summary>What one source has given: its handlers, set up and running.</summary>
internal sealed class HandlerLoad(IHandlerSource source, HandlerSet set, HandlerManager manager, DispatchWatch watch, TimeProvider time) : IDisposable
{
    private readonly List<LoadedHandler> _handlers = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public IHandlerSource Source => source;

    public HandlerSet Set => set;

    public HandlerManager Manager => manager;

    public HandlerGeneration Generation { get; } = new();

    /// <summary>Of this load alone: what it knows of types would keep their code from being unloaded.</summary>
    public WireSerializer Serializer { get; } = new();

    public IReadOnlyList<LoadedHandler> Handlers => _handlers;

    /// <summary>Where handlers come from that were found and refused afterwards.</summary>
    public HashSet<string> Refused { get; } = new(StringComparer.Ordinal);

    public void Add(LoadedHandler handler) => _handlers.Add(handler);

    /// <summary>Takes out a handler that is not to answer.</summary>
    public ValueTask RemoveAsync(LoadedHandler handler, HandlerLog log)
    {
        _handlers.Remove(handler);
        return DisposeAsync(handler, log);
    }

    /// <summary>Runs what the handlers do in the background.</summary>
    public void Run(HandlerLog log)
    {
        var overriding = _handlers.Where(static handler => handler.OverridesRun).ToArray();
        _running = Task.WhenAll(overriding.Select(handler => Task.Run(() => RunAsync(handler, log))));
    }

    /// <summary>Ends the handlers once nothing runs on them any more, and unloads their code.</summary>
    /// <param name="patience">How long requests and background work are waited for.</param>
    /// <param name="disposal">How long the handlers may take to dispose of themselves.</param>
    /// <param name="log">Gets what fails.</param>
    public async Task RetireAsync(TimeSpan patience, TimeSpan disposal, HandlerLog log)
    {
        await _stopping.CancelAsync();
        var unused = Generation.Retire();
        // A dispatch that began before the handlers were replaced may still be about to enter one of them.
        var dispatches = watch.WhenRunningEndAsync();
        await Task.WhenAny(Task.WhenAll(unused, _running, dispatches), Task.Delay(patience, time));
        if (!await DisposeAllAsync(disposal, log))
            return;
        try
        {
            set.Lifetime?.Dispose();
        }
        catch (Exception exception)
        {
            // The old code stays in memory, which no handler notices.
            log.UnloadFailed(exception);
        }

        Dispose();
    }

    public void Dispose() => _stopping.Dispose();

    // Beside each other, and on threads that can be left to them: one that hangs keeps no other from cleaning up.
    private async Task<bool> DisposeAllAsync(TimeSpan patience, HandlerLog log)
    {
        var disposals = _handlers.ConvertAll(handler => (handler, task: Task.Run(() => DisposeAsync(handler, log).AsTask())));
        await Task.WhenAny(Task.WhenAll(disposals.Select(static disposal => disposal.task)), Task.Delay(patience, time));
        var inTime = true;
        foreach (var (handler, task) in disposals)
        {
            if (task.IsCompleted)
                continue;
            inTime = false;
            log.DisposeAbandoned(handler.Spec.Key);
        }

        return inTime;
    }

    private static async ValueTask DisposeAsync(LoadedHandler handler, HandlerLog log)
    {
        await DisposeAsync(handler, handler.Instance, log);
        foreach (var filter in handler.Entry.Filters)
            await DisposeAsync(handler, filter, log);
    }

    private static async ValueTask DisposeAsync(LoadedHandler handler, object part, HandlerLog log)
    {
        try
        {
            if (part is IAsyncDisposable asyncDisposable)
                await asyncDisposable.DisposeAsync();
            else if (part is IDisposable disposable)
                disposable.Dispose();
        }
        catch (Exception exception)
        {
            // A handler that fails to clean up keeps neither the others nor the stop from going on.
            log.DisposeFailed(exception, handler.Spec.Key);
        }
    }

    private async Task RunAsync(LoadedHandler handler, HandlerLog log)
    {
        try
        {
            await handler.Instance.RunAsync(manager, _stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // As it was told.
        }
        catch (Exception exception)
        {
            log.RunFailed(exception, handler.Spec.Key);
        }
    }
}
