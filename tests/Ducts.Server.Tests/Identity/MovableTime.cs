namespace Ducts.Tests.Identity;

/// <summary>The system's clock, which a test can put forward; timers run as ever.</summary>
internal sealed class MovableTime : TimeProvider
{
    private long _shift;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref _shift));

    public void PutForward(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);
}
