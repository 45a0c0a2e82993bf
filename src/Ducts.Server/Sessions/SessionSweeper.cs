using Ducts.Connections;
using Microsoft.Extensions.Hosting;

namespace Ducts.Sessions;

/// <summary>One timer for all sessions and connections: it turns the wheel of what is due, and looks at the memory that sessions take.</summary>
internal sealed class SessionSweeper(SessionContext context, SessionRegistry registry) : BackgroundService
{
    // More than what the clock is usually corrected by.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(1);

    private readonly TimerWheel _wheel = context.Wheel;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var closings = new HashSet<Task>();
        using var timer = new PeriodicTimer(_wheel.Tick, context.Time);
        var origin = Origin(context.Time.GetTimestamp());
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var now = context.Time.GetTimestamp();
                if ((Origin(now) - origin).Duration() > ClockTolerance)
                {
                    // The clock was set: rights, which expire by it, do so at other timestamps.
                    origin = Origin(now);
                    foreach (var session in registry.Live)
                        session.Clock.Start();
                }

                _wheel.Advance(now);
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

    // What the clock showed at timestamp 0.
    private DateTimeOffset Origin(long now) => context.Time.GetUtcNow() - context.Time.GetElapsedTime(0, now);
}
