using Microsoft.Extensions.Logging;

namespace Ducts.Connections.Transport;

/// <summary>Logs the socket transport. Ids 1400 to 1409.</summary>
internal sealed partial class TransportLog(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("ducts.transport");

    [LoggerMessage(1400, LogLevel.Debug, "Accepting a connection failed; the listener continues: {Reason}")]
    public partial void AcceptFailed(string reason);

    [LoggerMessage(1401, LogLevel.Debug, "Connection {Connection} ended: {Reason}")]
    public partial void Lost(string connection, string reason);

    [LoggerMessage(1402, LogLevel.Error, "An unexpected error occurred on connection {Connection}; the connection is closed")]
    public partial void Failed(Exception exception, string connection);
}
