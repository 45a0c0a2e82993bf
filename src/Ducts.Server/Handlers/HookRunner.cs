using Ducts.Dispatch;
using Ducts.Sessions;
using Microsoft.Extensions.Options;

namespace Ducts.Handlers;

/// <summary>Runs the hooks of the handlers when something becomes of a session, each for a limited time.</summary>
internal sealed class HookRunner(
    IOptions<DuctsOptions> options,
    HandlerRegistry registry,
    IServiceProvider services,
    TimeProvider time,
    HandlerLog log) : ISessionObserver
{
    private readonly TimeSpan _limit = options.Value.WebSocketServer.HookTimeout;
    private readonly TaskCompletionSource _waitingOver = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Func<Session, Task<bool>>? Observe(SessionChange change)
    {
        var uses = HookUse.Begin(registry, change);
        return uses.Count == 0 ? null : session => RunAsync(session, change, uses);
    }

    public void StopWaiting() => _waitingOver.TrySetResult();

    private async Task<bool> RunAsync(Session session, SessionChange change, IReadOnlyList<HookUse> uses)
    {
        var succeeded = true;
        // One handler's fault keeps no other's hook from running, so that each that was told of the beginning is told of the end.
        foreach (var use in uses)
            succeeded &= await RunAsync(session, change, use);
        return succeeded;
    }

    private async Task<bool> RunAsync(Session session, SessionChange change, HookUse use)
    {
        // Without the session's own token at the end: that has been cancelled by then.
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(change == SessionChange.Closed ? CancellationToken.None : session.Closed);
        // On a thread that can be left to it: a hook may keep its thread instead of awaiting.
        var running = Task.Run(() => CallAsync(session, change, use, cancellation));
        Task ends = Task.WhenAny(running, _waitingOver.Task).WaitAsync(_limit, time);
        await ends.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (running.IsCompleted)
            return await running;
        if (_waitingOver.Task.IsCompleted)
            log.HookAbandoned(NameOf(change), use.Handler.GetType().Name, session.SessionId);
        else
            log.HookTimedOut(NameOf(change), use.Handler.GetType().Name, session.SessionId, _limit.TotalSeconds);
        // Not awaited: what a hook has registered on its token may hang as well.
        _ = CancelAsync(session, use, cancellation);
        return false;
    }

    // Until it returns, however late, its handler is in use and its services are not disposed.
    private async Task<bool> CallAsync(Session session, SessionChange change, HookUse use, CancellationTokenSource cancellation)
    {
        try
        {
            await using var scope = new RequestServices(services);
            await InvokeAsync(use.Handler, session.CreateView(scope), change, cancellation.Token);
            return true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // As it was told.
            return false;
        }
        catch (EventException refusal) when (change == SessionChange.Connected)
        {
            log.SessionRefused(use.Handler.GetType().Name, session.SessionId, refusal.Message);
            return false;
        }
        catch (Exception exception) when (change == SessionChange.Connected)
        {
            log.ConnectedHookFailed(exception, use.Handler.GetType().Name, session.SessionId);
            return false;
        }
        catch (Exception exception)
        {
            log.HookFailed(exception, use.Handler.GetType().Name, session.SessionId);
            return false;
        }
        finally
        {
            use.Generation?.Leave();
            cancellation.Dispose();
        }
    }

    private static Task InvokeAsync(DuctsHandler handler, SessionView view, SessionChange change, CancellationToken cancellationToken) => change switch
    {
        SessionChange.Connected => handler.HandleConnectedAsync(view, cancellationToken),
        SessionChange.WaitsForReconnect => handler.HandleWaitReconnectAsync(view, cancellationToken),
        SessionChange.Reconnected => handler.HandleReconnectedAsync(view, cancellationToken),
        _ => handler.HandleClosedAsync(view, cancellationToken),
    };

    private static string NameOf(SessionChange change) => change switch
    {
        SessionChange.Connected => nameof(DuctsHandler.HandleConnectedAsync),
        SessionChange.WaitsForReconnect => nameof(DuctsHandler.HandleWaitReconnectAsync),
        SessionChange.Reconnected => nameof(DuctsHandler.HandleReconnectedAsync),
        _ => nameof(DuctsHandler.HandleClosedAsync),
    };

    private async Task CancelAsync(Session session, HookUse use, CancellationTokenSource cancellation)
    {
        try
        {
            await cancellation.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has ended at this moment.
        }
        catch (Exception exception)
        {
            log.HookFailed(exception, use.Handler.GetType().Name, session.SessionId);
        }
    }
}
