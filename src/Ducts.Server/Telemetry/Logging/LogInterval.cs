namespace Ducts.Telemetry.Logging;

/// <summary>Lets one of many like log lines through in an interval: what strangers cause must not fill the log.</summary>
internal sealed class LogInterval(TimeProvider time, TimeSpan interval)
{
    private long _next = time.GetTimestamp();

    /// <summary>Returns whether the line may be written now.</summary>
    public bool TryPass()
    {
        var now = time.GetTimestamp();
        var next = Interlocked.Read(ref _next);
        return now >= next
            && Interlocked.CompareExchange(ref _next, now + (long)(interval.TotalSeconds * time.TimestampFrequency), next) == next;
    }
}
