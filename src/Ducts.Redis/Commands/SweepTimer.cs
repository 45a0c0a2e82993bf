namespace Ducts.Redis.Commands;

/// <summary>Lets a sweep run every few milliseconds while there are calls, and rarely once there are none: an idle process wakes up seldom.</summary>
/// <remarks>Threading: called under the lock of its owner.</remarks>
internal sealed class SweepTimer : IDisposable
{
    // About a second without a call; who calls now and then does not set the timer each time.
    private const int SweepsUntilRare = 50;
    private const int RareFactor = 10;

    private readonly TimeSpan _pause;
    private readonly ITimer _timer;
    private int _idleSweeps;
    private bool _isRare;

    /// <summary>Creates a timer that has not been started.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="pause">The time from one sweep to the next while there are calls.</param>
    /// <param name="sweep">The sweep, which runs outside of the lock.</param>
    public SweepTimer(TimeProvider time, TimeSpan pause, Action sweep)
    {
        _pause = pause;
        _timer = time.CreateTimer(static state => ((Action)state!)(), sweep, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Start() => Change(isRare: false);

    /// <summary>A call has come, whose time is up to the sweeps.</summary>
    public void OnCall()
    {
        if (_isRare)
        {
            Change(isRare: false);
        }
    }

    /// <summary>A sweep runs.</summary>
    /// <param name="isIdle">Whether there are no calls.</param>
    public void OnSweep(bool isIdle)
    {
        _idleSweeps = isIdle ? _idleSweeps + 1 : 0;
        if (_idleSweeps >= SweepsUntilRare && !_isRare)
        {
            Change(isRare: true);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Change(bool isRare)
    {
        _isRare = isRare;
        _idleSweeps = 0;
        var pause = isRare ? _pause * RareFactor : _pause;
        _timer.Change(pause, pause);
    }
}
