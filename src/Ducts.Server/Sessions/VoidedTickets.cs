namespace Ducts.Sessions;

/// <summary>Remembers for a while which tickets this server has made void: who read one in Redis just before opens nothing by it.</summary>
/// <remarks>Threading: any thread.</remarks>
internal sealed class VoidedTickets(TimeProvider time)
{
    // Far longer than a command to Redis may take.
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long _began = time.GetTimestamp();
    private HashSet<string> _current = [];
    private HashSet<string> _former = [];

    /// <summary>Remembers a ticket, for one to two minutes.</summary>
    public void Add(string streamId)
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_began) >= Period)
            {
                (_former, _current) = (_current, []);
                _began = time.GetTimestamp();
            }

            _current.Add(streamId);
        }
    }

    public bool Contains(string streamId)
    {
        lock (_gate)
            return _current.Contains(streamId) || _former.Contains(streamId);
    }
}
