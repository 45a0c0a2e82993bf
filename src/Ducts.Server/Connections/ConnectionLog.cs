using Microsoft.Extensions.Logging;

namespace Ducts.Connections;

/// <summary>Logs connections. Ids 1410 to 1449.</summary>
internal sealed partial class ConnectionLog(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("ducts.connection");

    [LoggerMessage(1410, LogLevel.Information, "Closing the connection of {Owner} with code {Code}: {Reason}")]
    public partial void Failed(string owner, int code, string reason);

    [LoggerMessage(1411, LogLevel.Debug, "The connection of {Owner} was lost: {Reason}")]
    public partial void Lost(string owner, string reason);

    [LoggerMessage(1412, LogLevel.Debug, "The client of {Owner} answered neither of two pings; the connection is aborted")]
    public partial void PeerSilent(string owner);

    [LoggerMessage(1413, LogLevel.Information, "The client of {Owner} has read nothing for {Stall}; the connection is aborted")]
    public partial void PeerStalled(string owner, TimeSpan stall);

    [LoggerMessage(1415, LogLevel.Debug, "The system of the client of {Owner} has acknowledged nothing for {Silence}; the connection is aborted")]
    public partial void PeerGone(string owner, TimeSpan silence);

    [LoggerMessage(1416, LogLevel.Error, "Doing what was due for a session or a connection failed; it is tried again in a second")]
    public partial void TimerFailed(Exception exception);

    [LoggerMessage(1414, LogLevel.Error, "Reading from the connection of {Owner} failed; the connection is closed")]
    public partial void ReceiveFailed(Exception exception, string owner);
}
