using Microsoft.Extensions.Logging;

namespace Ducts.Discovery;

internal static partial class DiscoveryLog
{
    [LoggerMessage(6000, LogLevel.Warning, "Redis cannot be reached; service discovery replies 503 until it can: {Reason}")]
    public static partial void RedisOutOfReach(this ILogger logger, string reason);

    [LoggerMessage(6001, LogLevel.Warning, "Library {File} cannot be read and is not served: {Reason}")]
    public static partial void LibraryUnreadable(this ILogger logger, string file, string reason);
}
