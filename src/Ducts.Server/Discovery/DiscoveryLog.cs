using System.Net;
using Microsoft.Extensions.Logging;

namespace Ducts.Discovery;

internal static partial class DiscoveryLog
{
    [LoggerMessage(6000, LogLevel.Warning, "Redis cannot be used; service discovery replies 503 until it can: {Reason}")]
    public static partial void RedisOutOfReach(this ILogger logger, string reason);

    [LoggerMessage(6001, LogLevel.Warning, "Library {File} cannot be read and is not served: {Reason}")]
    public static partial void LibraryUnreadable(this ILogger logger, string file, string reason);

    [LoggerMessage(6002, LogLevel.Warning, "{Address} asked for more than {Limit} service discoveries a second and gets 429; raise discovery_per_second in [ducts.limit_config] if many clients share this address")]
    public static partial void AddressLimited(this ILogger logger, IPAddress address, double limit);

    [LoggerMessage(6003, LogLevel.Warning, "{Address} asked for more than {Limit} service discoveries a minute and gets 429; it seems to be a proxy, whose clients count as one: set behind_nginx in [ducts.server_config]")]
    public static partial void ProxyLimited(this ILogger logger, IPAddress address, double limit);

    [LoggerMessage(6004, LogLevel.Warning, "The static file of {Path} cannot be read and is not served: {Reason}")]
    public static partial void FileUnreadable(this ILogger logger, string path, string reason);

    [LoggerMessage(6005, LogLevel.Warning, "A request by the host name {Host} was refused; if the name is the server's, add it to allowed_hosts in [ducts.auth_config]")]
    public static partial void HostRefused(this ILogger logger, string host);
}
