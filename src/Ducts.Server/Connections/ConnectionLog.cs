using Microsoft.Extensions.Logging;

namespace Ducts.Connections;

/// <summary>What connections log. Ids 1410 to 1449.</summary>
internal sealed partial class ConnectionLog(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("ducts.connection");

    [LoggerMessage(1410, LogLevel.Information, "The connection of {Owner} is closed with {Code}: {Reason}")]
    public partial void Failed(string owner, int code, string reason);

    [LoggerMessage(1411, LogLevel.Debug, "The connection of {Owner} was lost: {Reason}")]
    public partial void Lost(string owner, string reason);

    [LoggerMessage(1412, LogLevel.Debug, "The connection of {Owner} is cut: its peer answered neither of two pings")]
    public partial void PeerSilent(string owner);

    [LoggerMessage(1413, LogLevel.Information, "The connection of {Owner} is cut: its peer has read nothing for {Stall}")]
    public partial void PeerStalled(string owner, TimeSpan stall);

    [LoggerMessage(1414, LogLevel.Error, "Reading the connection of {Owner} failed; it is closed")]
    public partial void ReceiveFailed(Exception exception, string owner);
}
