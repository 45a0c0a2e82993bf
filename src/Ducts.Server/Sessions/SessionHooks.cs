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
        Enqueue(static hooks => hooks.Connected, static (handler, view) => handler.HandleConnectedAsync(view));

    public Task WaitReconnectAsync() =>
        Enqueue(static hooks => hooks.WaitReconnect, static (handler, view) => handler.HandleWaitReconnectAsync(view));

    public Task ReconnectedAsync() =>
        Enqueue(static hooks => hooks.Reconnected, static (handler, view) => handler.HandleReconnectedAsync(view));

    public Task ClosedAsync() =>
        Enqueue(static hooks => hooks.Closed, static (handler, view) => handler.HandleClosedAsync(view));

    private Task Enqueue(Func<HandlerHooks, DuctsHandler[]> kind, Func<DuctsHandler, IEventSession, Task> hook)
    {
        lock (_gate)
        {
            var handlers = HookUse.Begin(server.Handlers, kind);
            if (handlers.Count > 0)
                _last = RunAsync(_last, handlers, hook);
            return _last;
        }
    }

    private async Task RunAsync(Task before, IReadOnlyList<HookUse> handlers, Func<DuctsHandler, IEventSession, Task> hook)
    {
        await before;
        // Hooks are users' code: they do not run under our lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var view = session.CreateView();
        foreach (var (handler, generation) in handlers)
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
            finally
            {
                generation?.Leave();
            }
        }
    }
}
