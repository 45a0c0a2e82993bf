namespace Ducts.Connections;

/// <summary>Something that is due now and then, see <see cref="TimerWheel"/>. While nothing is, it costs nothing.</summary>
internal abstract class Scheduled
{
    /// <summary>A timestamp that never comes.</summary>
    public const long Never = long.MaxValue;

    /// <summary>Gets or sets when it is due; <see cref="Never"/> while it is not in the wheel. This and what follows are the wheel's.</summary>
    internal long Due = Never;

    internal int Slot;

    internal Scheduled? Previous;

    internal Scheduled? Next;

    /// <summary>Does what is due, which may be nothing: more may have happened since it was scheduled. Not called twice at a time.</summary>
    /// <param name="now">The timestamp.</param>
    /// <returns>When something is due next; <see cref="Never"/> for not until it is scheduled again.</returns>
    public abstract long OnDue(long now);
}
