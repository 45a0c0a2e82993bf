namespace Ducts.Dispatch;

/// <summary>
/// Decides when the items of a stream leave whose handler awaits before each: at once, unless they come in such rapid
/// succession that the next is there sooner than a write takes. Those leave together.
/// </summary>
/// <remarks>Threading: as of the pump, one thread at a time.</remarks>
internal struct StreamPace(TimeProvider time)
{
    /// <summary>
    /// So many short waits in a row make a rapid succession. The first items leave one by one, and so does each of a stream
    /// that says one thing at a time.
    /// </summary>
    public const int RapidAfter = 4;

    /// <summary>A write costs the system some 10 µs. Where items come further apart than a few of those, there is little to save.</summary>
    public static readonly TimeSpan ShortWait = TimeSpan.FromMicroseconds(50);

    /// <summary>How long an item waits for those behind it while the succession lasts.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromMicroseconds(250);

    private long _waiting;
    private long _sent;
    private int _shortWaits;

    /// <summary>Called when the next item is not there yet.</summary>
    /// <returns>Whether what has gathered may leave a little later; if not, <see cref="NoteSent"/> follows.</returns>
    public bool BeginWait()
    {
        _waiting = time.GetTimestamp();
        return _shortWaits >= RapidAfter && time.GetElapsedTime(_sent, _waiting) < MaxDelay;
    }

    /// <summary>Called when what had gathered has been sent; the time of the write is no time of waiting.</summary>
    public void NoteSent() => _sent = _waiting = time.GetTimestamp();

    /// <summary>Called when the next item is there, or the end.</summary>
    /// <param name="cameMeanwhile">
    /// Whether it was there as soon as what had gathered was sent: another thread made it during the write.
    /// </param>
    public void EndWait(bool cameMeanwhile)
    {
        var now = time.GetTimestamp();
        // A clock that stands still says nothing; one that differs a little between processors, or less than a TimeSpan can tell, does.
        var isShort = cameMeanwhile || (now != _waiting && time.GetElapsedTime(_waiting, now) < ShortWait);
        _shortWaits = isShort ? Math.Min(_shortWaits + 1, RapidAfter) : 0;
    }
}
