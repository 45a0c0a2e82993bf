using Microsoft.Extensions.Logging;

namespace Ducts.Redis;

/// <summary>Log messages, 2000 to 2999.</summary>
internal static partial class RedisLog
{
    [LoggerMessage(2000, LogLevel.Debug, "Redis connected ({Name}): {Endpoint}")]
    public static partial void Connected(ILogger logger, string name, string endpoint);

    [LoggerMessage(2001, LogLevel.Warning, "Redis connection lost ({Name}): {Endpoint}; reconnecting: {Reason}")]
    public static partial void Lost(ILogger logger, string name, string endpoint, string reason);

    [LoggerMessage(2002, LogLevel.Warning, "Redis connection failed ({Name}); retrying: {Reason}")]
    public static partial void NotConnected(ILogger logger, string name, string reason);

    [LoggerMessage(2003, LogLevel.Warning, "A follower of the Redis stream {Stream} could not read; retrying: {Reason}")]
    public static partial void FeedFailed(ILogger logger, string stream, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "The subscriber of {Subscription} fell more than {Limit} messages behind and was dropped")]
    public static partial void SubscriberDropped(ILogger logger, string subscription, int limit);

    [LoggerMessage(2005, LogLevel.Warning, "Redis at {Endpoint} is the wrong server or not ready; reconnecting: {Reason}")]
    public static partial void LookingAgain(ILogger logger, string endpoint, string reason);

    [LoggerMessage(2008, LogLevel.Warning, "Redis did not renew the subscription to {Subscription}; retrying: {Reason}")]
    public static partial void ResubscriptionFailed(ILogger logger, string subscription, string reason);

    [LoggerMessage(2009, LogLevel.Information, "Redis connection restored ({Name}): {Endpoint}")]
    public static partial void Regained(ILogger logger, string name, string endpoint);

    [LoggerMessage(2100, LogLevel.Debug, "Embedded {Program} started: pid {ProcessId}, socket {Socket}, data in {Folder}")]
    public static partial void EmbeddedStarted(ILogger logger, string program, int processId, string socket, string folder);

    [LoggerMessage(2101, LogLevel.Debug, "Embedded redis-server stopped: pid {ProcessId}")]
    public static partial void EmbeddedStopped(ILogger logger, int processId);

    [LoggerMessage(2102, LogLevel.Warning, "A redis-server left behind in {Folder} is stopped: pid {ProcessId}")]
    public static partial void EmbeddedOrphan(ILogger logger, string folder, int processId);

    [LoggerMessage(2103, LogLevel.Error, "The embedded redis-server ended by itself with code {ExitCode}; it is started again. {LastWords}")]
    public static partial void EmbeddedDied(ILogger logger, int exitCode, string lastWords);

    [LoggerMessage(2104, LogLevel.Warning, "The embedded redis-server did not stop within {Seconds} s and was killed: pid {ProcessId}")]
    public static partial void EmbeddedKilled(ILogger logger, double seconds, int processId);

    [LoggerMessage(2105, LogLevel.Information, "The redis-server in {Folder} belongs to another running process and is shared: {Socket}")]
    public static partial void EmbeddedShared(ILogger logger, string folder, string socket);

    [LoggerMessage(2106, LogLevel.Error, "The embedded redis-server could not be started again; next attempt in {Seconds} s")]
    public static partial void EmbeddedNotRestarted(ILogger logger, Exception exception, double seconds);

    [LoggerMessage(2107, LogLevel.Warning, "The file system of {Folder} keeps no permissions: other users of this machine may read the data of the embedded redis-server. Move ducts_home to another one")]
    public static partial void EmbeddedFolderOpen(ILogger logger, string folder);
}
