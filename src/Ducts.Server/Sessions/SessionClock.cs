using Ducts.Connections;

namespace Ducts.Sessions;

/// <summary>What a session has to do at times: ALIVE_MONITORING, the end of waiting for a reconnect, the expiry of its user's rights.</summary>
/// <remarks>Threading: any thread schedules; the wheel does what is due.</remarks>
internal sealed class SessionClock(Session session, SessionContext context) : Scheduled
{
    /// <summary>Has the session looked at as soon as possible, and from then on when something is due.</summary>
    public void Start() => context.Wheel.Schedule(this, context.Wheel.Now);

    public void Schedule(long due) => context.Wheel.Schedule(this, due);

    public void Stop() => context.Wheel.Remove(this);

    public override long OnDue(long now)
    {
        if (session.Tick(now) is { } end)
        {
            session.Registry?.StartEnd(session, end);
            return Never;
        }

        return session.NextDue(now);
    }
}
