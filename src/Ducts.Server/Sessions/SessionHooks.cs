using Ducts.Dispatch;
using Ducts.Handlers;
using Ducts.Hosting;

namespace Ducts.Sessions;

/// <summary>Runs the handlers' hooks of one session, one kind after the other, in the order in which things happened.</summary>
/// <remarks>Threading: any thread; what is started later waits for what was started earlier.</remarks>
internal sealed class SessionHooks(Session session, ServerContext server, SessionLog log)
{
    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;

    public Task ConnectedAsync() =>
        Enqueue(server.Handlers.Current.Hooks.Connected, static (handler, view) => handler.HandleConnectedAsync(view));

    public Task WaitReconnectAsync() =>
        Enqueue(server.Handlers.Current.Hooks.WaitReconnect, static (handler, view) => handler.HandleWaitReconnectAsync(view));

    public Task ReconnectedAsync() =>
        Enqueue(server.Handlers.Current.Hooks.Reconnected, static (handler, view) => handler.HandleReconnectedAsync(view));

    public Task ClosedAsync() =>
        Enqueue(server.Handlers.Current.Hooks.Closed, static (handler, view) => handler.HandleClosedAsync(view));

    private Task Enqueue(DuctsHandler[] handlers, Func<DuctsHandler, IEventSession, Task> hook)
    {
        lock (_gate)
        {
            if (handlers.Length > 0)
                _last = RunAsync(_last, handlers, hook);
            return _last;
        }
    }

    private async Task RunAsync(Task before, DuctsHandler[] handlers, Func<DuctsHandler, IEventSession, Task> hook)
    {
        await before;
        // Hooks are users' code: they do not run under our lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var view = session.CreateView();
        foreach (var handler in handlers)
        {
            try
            {
                await hook(handler, view);
            }
            catch (Exception exception)
            {
                // One handler's fault keeps no other's hook from running.
                log.HookFailed(exception, handler.GetType().Name, session.SessionId);
            }
        }
    }
}
