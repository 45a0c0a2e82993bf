using Ducts.Connections;
using Ducts.Hosting;
using Microsoft.Extensions.Hosting;

namespace Ducts.Sessions;

/// <summary>One timer for all sessions: pings, ALIVE_MONITORING, the end of waiting for a reconnect.</summary>
internal sealed class SessionSweeper(ServerContext server, SessionRegistry registry, SessionLog log) : BackgroundService
{
    // The shortest of the intervals is met to a tenth of itself, yet no more often than this.
    private static readonly TimeSpan MinPeriod = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxPeriod = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var closings = new HashSet<Task>();
        using var timer = new PeriodicTimer(Period(), server.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var now = server.Time.GetTimestamp();
                foreach (var session in registry.Live)
                {
                    try
                    {
                        if (session.Tick(now))
                            closings.Add(registry.CloseAsync(session, CloseCode.Normal, "no reconnect"));
                    }
                    catch (Exception exception)
                    {
                        // One session's fault stops no other's timers.
                        log.TickFailed(exception, session.SessionId);
                    }
                }

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
        var options = server.Options.WebSocketServer;
        TimeSpan[] intervals = [options.PingPongInterval, options.ReconnectTimeout, server.Options.Event.AliveMonitoringInterval];
        var period = intervals.Min() / 10;
        return period < MinPeriod ? MinPeriod : period > MaxPeriod ? MaxPeriod : period;
    }
}
