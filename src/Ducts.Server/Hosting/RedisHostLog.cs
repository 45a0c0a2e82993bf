using Microsoft.Extensions.Logging;

namespace Ducts.Hosting;

/// <summary>Logs the server's connection to Redis. Ids 1300 to 1309; names that end in Notice are of level NOTICE.</summary>
internal static partial class RedisHostLog
{
    [LoggerMessage(1300, LogLevel.Information, "CONNECTED|URL=('{Host}', {Port})")]
    public static partial void ConnectedNotice(ILogger logger, string host, int port);

    [LoggerMessage(1301, LogLevel.Information, "CONNECTED|URL='{Path}'")]
    public static partial void ConnectedLocallyNotice(ILogger logger, string path);

    [LoggerMessage(1302, LogLevel.Information, "EMBEDDED|started a redis-server with its data in {Folder}, instead of connecting to {Uri}")]
    public static partial void EmbeddedNotice(ILogger logger, string uri, string folder);

    [LoggerMessage(1303, LogLevel.Warning, "the application's connection has not reached Redis at {Endpoint} yet: no session opens until it has")]
    public static partial void StillConnecting(ILogger logger, string endpoint);

    [LoggerMessage(1304, LogLevel.Warning, "Redis cannot be reached; the start waits up to {Seconds} s for it: {Reason}")]
    public static partial void WaitsForRedis(ILogger logger, double seconds, string reason);

    [LoggerMessage(1305, LogLevel.Information, "{Hint}")]
    public static partial void FoundNotice(ILogger logger, string hint);
}
