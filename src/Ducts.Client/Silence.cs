namespace Ducts.Client;

// Threading: Heard is called by the receive loop only, the timer by any thread.

/// <summary>Notices that a connection has been silent for too long.</summary>
internal sealed class Silence : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly Action _expired;
    private readonly ITimer _timer;
    private long _heardAt;

    public Silence(TimeProvider time, TimeSpan limit, Action expired)
    {
        (_time, _limit, _expired) = (time, limit, expired);
        _heardAt = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((Silence)state!).Check(), this, limit, Timeout.InfiniteTimeSpan);
    }

    public void Heard() => Volatile.Write(ref _heardAt, _time.GetTimestamp());

    public void Dispose() => _timer.Dispose();

    private void Check()
    {
        var left = _limit - _time.GetElapsedTime(Volatile.Read(ref _heardAt));
        if (left <= TimeSpan.Zero)
            _expired();
        else
            _timer.Change(left, Timeout.InfiniteTimeSpan);
    }
}
