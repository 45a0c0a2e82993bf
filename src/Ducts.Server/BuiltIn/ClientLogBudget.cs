namespace Ducts.BuiltIn;

/// <summary>
/// Limits the lines a second that clients write to the log: of all together, so that they do not fill the disk, and of each
/// session to a tenth of that, so that one does not take the place of the others.
/// </summary>
/// <param name="rate">Lines a second of all clients.</param>
/// <param name="time">The clock.</param>
// Threading: any thread, under one lock.
internal sealed class ClientLogBudget(int rate, TimeProvider time)
{
    private const int Share = 10;

    private readonly Lock _gate = new();
    private readonly int _sessionRate = Math.Max(1, rate / Share);

    // Of this second; only lines that were written add a session, so it has no more of them than there are lines.
    private readonly Dictionary<string, int> _bySession = new(StringComparer.Ordinal);
    private long _second = long.MinValue;
    private int _lines;
    private bool _isRefusing;

    /// <summary>Takes a line of this second.</summary>
    /// <param name="sessionId">Who writes it.</param>
    /// <param name="isFirstRefused">Whether this is the first line of the second that is not written.</param>
    /// <returns>Whether it may be written.</returns>
    public bool TryTake(string sessionId, out bool isFirstRefused)
    {
        var second = time.GetTimestamp() / time.TimestampFrequency;
        isFirstRefused = false;
        lock (_gate)
        {
            if (second != _second)
            {
                _second = second;
                _lines = 0;
                _isRefusing = false;
                _bySession.Clear();
            }

            var ofSession = _bySession.GetValueOrDefault(sessionId);
            if (_lines < rate && ofSession < _sessionRate)
            {
                _lines++;
                _bySession[sessionId] = ofSession + 1;
                return true;
            }

            isFirstRefused = !_isRefusing;
            _isRefusing = true;
            return false;
        }
    }
}
