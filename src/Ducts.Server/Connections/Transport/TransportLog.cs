using Microsoft.Extensions.Logging;

namespace Ducts.Connections.Transport;

/// <summary>What the transport logs. Ids 1400 to 1409.</summary>
internal sealed partial class TransportLog(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("ducts.transport");

    [LoggerMessage(1400, LogLevel.Debug, "A connection was not accepted: {Reason}")]
    public partial void AcceptFailed(string reason);

    [LoggerMessage(1401, LogLevel.Debug, "Connection {Connection} ended: {Reason}")]
    public partial void Lost(string connection, string reason);

    [LoggerMessage(1402, LogLevel.Error, "Connection {Connection} failed")]
    public partial void Failed(Exception exception, string connection);
}
