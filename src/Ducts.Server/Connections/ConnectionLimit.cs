using Ducts.Connections.Transport;
using Microsoft.Extensions.Options;

namespace Ducts.Connections;

/// <summary>
/// Counts the connections of the server, so that there are never more than it has files for: at the limit of the system, nothing
/// would work any more, neither accepting nor Redis nor a handler that opens a file.
/// </summary>
/// <remarks>Threading: any thread.</remarks>
internal sealed class ConnectionLimit
{
    // What handlers, static files and Redis may open besides what the process has open when it listens: more on large machines.
    private const int LeastReserve = 128;
    private const int ReserveShare = 16;

    // A server that may open hardly any file gets at least these connections.
    private const int Least = 16;

    private readonly Lazy<int> _max;
    private int _count;

    // Known when the first connection comes: by then the handlers are loaded, and all is open that a start opens.
    public ConnectionLimit(IOptions<DuctsOptions> options, TransportLog log) =>
        _max = new Lazy<int>(() => Find(options.Value.Server.MaxConnections, log));

    /// <summary>Gets how many connections there may be.</summary>
    public int Max => _max.Value;

    /// <summary>Gets how many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a place for a connection; null when there is none left.</summary>
    public ConnectionPlace? TryTake()
    {
        if (Interlocked.Increment(ref _count) <= Max)
            return new ConnectionPlace(this);
        Release();
        return null;
    }

    /// <summary>Gives a place back.</summary>
    public void Release() => Interlocked.Decrement(ref _count);

    private static int Find(int wanted, TransportLog log)
    {
        var possible = OpenFiles.FindLimit() is { } files
            ? (int)Math.Max(files - OpenFiles.Count() - Math.Max(LeastReserve, files / ReserveShare), Least)
            : int.MaxValue;
        if (wanted > possible)
            log.MaxConnectionsLowered(wanted, possible);
        return wanted > 0 ? Math.Min(wanted, possible) : possible;
    }
}

/// <summary>The place of one connection, given back once, when its socket is closed.</summary>
internal sealed class ConnectionPlace(ConnectionLimit limit) : IDisposable
{
    private int _released;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
            limit.Release();
    }
}
