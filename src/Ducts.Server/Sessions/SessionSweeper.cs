using Microsoft.Extensions.Hosting;

namespace Ducts.Sessions;

/// <summary>One timer for all sessions: pings, ALIVE_MONITORING, the end of waiting for a reconnect.</summary>
internal sealed class SessionSweeper(SessionContext context, SessionRegistry registry) : BackgroundService
{
    // The shortest of the intervals is met to a tenth of itself, yet no more often than this.
    private static readonly TimeSpan MinPeriod = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxPeriod = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var closings = new HashSet<Task>();
        using var timer = new PeriodicTimer(Period(), context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var now = context.Time.GetTimestamp();
                foreach (var session in registry.Live)
                {
                    try
                    {
                        if (session.Tick(now) is { } end)
                            closings.Add(registry.EndAsync(session, end));
                    }
                    catch (Exception exception)
                    {
                        // One session's fault stops no other's timers.
                        context.Log.TickFailed(exception, session.SessionId);
                    }
                }

                if (context.Memory.IsSpent)
                    registry.EndWaiting(closings);
                closings.RemoveWhere(static closing => closing.IsCompleted);
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(closings);
        }
    }

    private TimeSpan Period()
    {
        var shortest = new[] { context.Options.PingPongInterval, context.Options.ReconnectTimeout, context.AliveInterval }.Min();
        return TimeSpan.FromTicks(Math.Clamp(shortest.Ticks / 10, MinPeriod.Ticks, MaxPeriod.Ticks));
    }
}
