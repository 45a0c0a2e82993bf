using Microsoft.Extensions.Logging;

namespace Ducts.Discovery;

internal static partial class DiscoveryLog
{
    [LoggerMessage(6000, LogLevel.Warning, "Service discovery refused: Redis is out of reach: {Reason}")]
    public static partial void RedisOutOfReach(this ILogger logger, string reason);

    [LoggerMessage(6001, LogLevel.Warning, "Library {File} cannot be read: {Reason}")]
    public static partial void LibraryUnreadable(this ILogger logger, string file, string reason);
}
