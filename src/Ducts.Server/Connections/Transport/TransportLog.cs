using Microsoft.Extensions.Logging;

namespace Ducts.Connections.Transport;

/// <summary>Logs the socket transport. Ids 1400 to 1409.</summary>
internal sealed partial class TransportLog(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("ducts.transport");

    [LoggerMessage(1400, LogLevel.Debug, "Accepting a connection failed; the listener continues: {Reason}")]
    public partial void AcceptFailed(string reason);

    [LoggerMessage(1403, LogLevel.Warning, "No connection can be accepted, because the system or the process has no file left for it (ulimit -n); the listener tries again after pauses: {Reason}")]
    public partial void AcceptStarved(string reason);

    [LoggerMessage(1404, LogLevel.Warning, "The limit of {Max} connections is reached; idle ones are closed for new ones, and new ones where none is idle. Raise max_connections, or ulimit -n where that limits it")]
    public partial void LimitReached(int max);

    [LoggerMessage(1406, LogLevel.Warning, "max_connections is {Wanted}, but the process may not open as many files; at most {Possible} connections are accepted. Raise ulimit -n")]
    public partial void MaxConnectionsLowered(int wanted, int possible);

    [LoggerMessage(1407, LogLevel.Error, "A callback registered on the cancellation token of a request failed; the stop continues")]
    public partial void CancellationFailed(Exception exception);

    [LoggerMessage(1401, LogLevel.Debug, "Connection {Connection} ended: {Reason}")]
    public partial void Lost(string connection, string reason);

    [LoggerMessage(1402, LogLevel.Error, "An unexpected error occurred on connection {Connection}; the connection is closed")]
    public partial void Failed(Exception exception, string connection);
}
