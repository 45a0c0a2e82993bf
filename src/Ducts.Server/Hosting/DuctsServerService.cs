using Ducts.Connections;
using Ducts.Groups;
using Ducts.Handlers;
using Ducts.Sessions;
using Ducts.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Ducts.Hosting;

/// <summary>
/// Starts and stops a server in the right order: Redis, handlers, then the host listens, then background work; when it
/// stops, sessions end while the host still serves their sockets.
/// </summary>
internal sealed class DuctsServerService(
    IOptions<DuctsOptions> options,
    RedisHost redis,
    HandlerLoader loader,
    SessionRegistry sessions,
    GroupRegistry groups,
    ServerMetrics metrics,
    MemoryBudget memory,
    ServerStop stop,
    HandlerLog log) : IHostedLifecycleService, IAsyncDisposable
{
    // For the errors that cancelled requests answer with.
    private static readonly TimeSpan CancelledPatience = TimeSpan.FromSeconds(0.2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<IDisposable> _watches = [];
    private readonly List<Task> _reloads = [];
    private readonly Lock _gate = new();

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await redis.StartAsync(cancellationToken);
        await loader.LoadAsync(cancellationToken);
        metrics.Observe(() => sessions.Count);
        metrics.ObserveMemory(() => memory.Used, memory.Limit);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        loader.Run();
        foreach (var source in loader.Sources)
        {
            if (source.Watch() is not null)
                _watches.Add(ChangeToken.OnChange(source.Watch, Reload, source));
        }

        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        foreach (var watch in _watches)
            watch.Dispose();
        await _stopping.CancelAsync();
        var patience = options.Value.WebSocketServer.ShutdownTimeout;
        stop.Begin(patience);
        await Task.WhenAll(sessions.StopAsync(patience), stop.WaitForRequestsAsync(patience + CancelledPatience));
        // Last: a stream that the stop has broken off must not look as if its sequence had come to an end.
        groups.End();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        Task[] reloads;
        lock (_gate)
            reloads = [.. _reloads];
        await Task.WhenAll(reloads);
        await loader.StopAsync(stop.Left);
        await redis.DisposeAsync();
    }

    public ValueTask DisposeAsync()
    {
        _stopping.Dispose();
        // A start that failed half-way has not been stopped.
        return redis.DisposeAsync();
    }

    private void Reload(IHandlerSource source)
    {
        lock (_gate)
        {
            _reloads.RemoveAll(static reload => reload.IsCompleted);
            _reloads.Add(ReloadAsync(source));
        }
    }

    private async Task ReloadAsync(IHandlerSource source)
    {
        try
        {
            await loader.ReloadAsync(source, _stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The server stops; there is nothing left to reload for.
        }
        catch (Exception exception)
        {
            log.ReloadFailed(exception);
        }
    }
}
