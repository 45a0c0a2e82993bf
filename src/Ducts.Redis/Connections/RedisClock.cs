using Microsoft.Extensions.Logging;

namespace Ducts.Redis;

/// <summary>Counts ticks of a fiftieth of the command timeout, and sweeps with each: one timer for all commands.</summary>
internal sealed class RedisClock : IRedisClock, IAsyncDisposable
{
    private const int TicksOfTimeout = 50;

    private readonly PeriodicTimer _timer;
    private readonly Action<long> _sweep;
    private readonly ILogger _logger;
    private readonly Task _running;
    private readonly TimeSpan _tick;
    private long _now = 1;

    public RedisClock(TimeSpan commandTimeout, TimeProvider timeProvider, ILogger logger, Action<long> sweep)
    {
        _tick = TimeSpan.FromMilliseconds(Math.Max(1, commandTimeout.TotalMilliseconds / TicksOfTimeout));
        CommandTimeout = Math.Max(1, (long)(commandTimeout / _tick));
        _timer = new PeriodicTimer(_tick, timeProvider);
        _sweep = sweep;
        _logger = logger;
        _running = RunAsync();
    }

    public long Now => Volatile.Read(ref _now);

    public long CommandTimeout { get; }

    /// <summary>The tick until which a command that begins now may take.</summary>
    public long Deadline => Now + CommandTimeout;

    public long TicksOf(TimeSpan duration) => (long)(duration / _tick);

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _running;
    }

    private async Task RunAsync()
    {
        while (await _timer.WaitForNextTickAsync())
        {
            Volatile.Write(ref _now, _now + 1);
            try
            {
                _sweep(_now);
            }
            catch (Exception exception)
            {
                // Without sweeps nothing would ever time out again.
                RedisLog.SweepFailed(_logger, exception);
            }
        }
    }
}
