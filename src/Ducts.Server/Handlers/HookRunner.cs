using Ducts.Dispatch;
using Ducts.Sessions;

namespace Ducts.Handlers;

/// <summary>Runs the hooks of the handlers when something becomes of a session.</summary>
internal sealed class HookRunner(HandlerRegistry registry, IServiceProvider services, HandlerLog log) : ISessionObserver
{
    public Func<Session, Task>? Observe(SessionChange change)
    {
        var uses = HookUse.Begin(registry, change);
        return uses.Count == 0 ? null : session => RunAsync(session, change, uses);
    }

    private async Task RunAsync(Session session, SessionChange change, IReadOnlyList<HookUse> uses)
    {
        foreach (var (handler, generation) in uses)
        {
            try
            {
                await RunAsync(handler, session, change);
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

    private async Task RunAsync(DuctsHandler handler, Session session, SessionChange change)
    {
        await using var scope = new RequestServices(services);
        var view = session.CreateView(scope);
        await (change switch
        {
            SessionChange.Connected => handler.HandleConnectedAsync(view, session.Closed),
            SessionChange.WaitsForReconnect => handler.HandleWaitReconnectAsync(view, session.Closed),
            SessionChange.Reconnected => handler.HandleReconnectedAsync(view, session.Closed),
            // The session's own token has been cancelled by then.
            _ => handler.HandleClosedAsync(view, CancellationToken.None),
        });
    }
}
