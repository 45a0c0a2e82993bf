namespace Ducts.Connections.Transport;

/// <summary>The connections whose sockets the transport has. Makes room for new ones, and cuts those that hold up a stop.</summary>
/// <remarks>Threading: any thread, under one lock.</remarks>
internal sealed class SocketConnections(ConnectionLimit limit, ServerStop stop, TimeProvider time, TransportLog log)
{
    // A client that connects has something to say; one that is silent for longer gives way when there is no room.
    private static readonly TimeSpan LeastIdle = TimeSpan.FromSeconds(2);

    // Room for more than the next one, so that the search is not made for each.
    private const int EvictedShare = 32;

    // What a request that was cancelled, or an answer that is still being written, has before its connection is cut.
    private static readonly TimeSpan CutPatience = TimeSpan.FromSeconds(0.4);
    private static readonly TimeSpan CutInterval = TimeSpan.FromMilliseconds(50);

    // Where nothing gives way, the next search may be as vain: a flood must not buy one with each connection.
    private static readonly TimeSpan SearchInterval = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly HashSet<SocketConnection> _connections = [];
    private long? _logged;
    private long? _searched;

    /// <summary>Takes a place for an accepted socket, for which another connection may have to go.</summary>
    /// <returns>Null when there is no room, and the socket is to be closed.</returns>
    public ConnectionPlace? TryTakePlace()
    {
        if (limit.TryTake() is { } place)
            return place;
        var evicted = Evict();
        LogReached();
        return evicted > 0 ? limit.TryTake() : null;
    }

    public void Add(SocketConnection connection)
    {
        lock (_gate)
            _connections.Add(connection);
    }

    public void Remove(SocketConnection connection)
    {
        lock (_gate)
            _connections.Remove(connection);
    }

    /// <summary>
    /// Cuts what the stop would have to wait for: connections without a request, such as with half of one, soon, and all others when the time
    /// of requests is over.
    /// </summary>
    /// <returns>Ends when it is cancelled: a connection that was accepted last may not be among the others yet.</returns>
    public async Task CutAsync(CancellationToken cancellationToken)
    {
        var over = stop.Left + CutPatience;
        var began = time.GetTimestamp();
        while (true)
        {
            var isOver = time.GetElapsedTime(began) >= over;
            foreach (var connection in All())
            {
                // Kestrel ends by itself those that have nothing to do, if it gets the time.
                if (isOver)
                    connection.Cut(reset: true);
                else if (connection.IdleFor() >= CutPatience && time.GetElapsedTime(began) >= CutPatience)
                    connection.Cut(reset: false);
            }

            await Task.Delay(CutInterval, time, cancellationToken);
        }
    }

    private SocketConnection[] All()
    {
        lock (_gate)
            return [.. _connections];
    }

    private int Evict()
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (_searched is { } last && time.GetElapsedTime(last, now) < SearchInterval)
                return 0;
            _searched = now;
        }

        // Those that never had a request first, the longest idle first.
        var idle = All()
            .Select(static connection => (connection, idle: connection.IdleFor()))
            .Where(static candidate => candidate.idle >= LeastIdle)
            .OrderBy(static candidate => candidate.connection.HasServed)
            .ThenByDescending(static candidate => candidate.idle)
            .Take(Math.Max(limit.Max / EvictedShare, 1))
            .ToArray();
        foreach (var (connection, _) in idle)
            connection.Cut(reset: false);
        return idle.Length;
    }

    private void LogReached()
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (_logged is { } last && time.GetElapsedTime(last, now) < LogInterval)
                return;
            _logged = now;
        }

        log.LimitReached(limit.Max);
    }
}
