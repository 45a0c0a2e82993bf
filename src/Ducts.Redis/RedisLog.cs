using Microsoft.Extensions.Logging;

namespace Ducts.Redis;

/// <summary>Log messages, 2000 to 2999.</summary>
internal static partial class RedisLog
{
    [LoggerMessage(2000, LogLevel.Debug, "Redis connected ({Name}): {Endpoint}, RESP{Protocol}")]
    public static partial void Connected(ILogger logger, string name, string endpoint, int protocol);

    [LoggerMessage(2001, LogLevel.Warning, "Redis connection lost ({Name}): {Endpoint}: {Reason}")]
    public static partial void Lost(ILogger logger, string name, string endpoint, string reason);

    [LoggerMessage(2002, LogLevel.Warning, "Redis is not to be reached ({Name}); trying on: {Reason}")]
    public static partial void NotConnected(ILogger logger, string name, string reason);

    [LoggerMessage(2003, LogLevel.Warning, "A follower of the Redis stream {Stream} could not read; trying again: {Reason}")]
    public static partial void FeedFailed(ILogger logger, string stream, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "The subscriber of {Subscription} fell more than {Limit} messages behind and was dropped")]
    public static partial void SubscriberDropped(ILogger logger, string subscription, int limit);

    [LoggerMessage(2005, LogLevel.Information, "Redis cluster: {Masters} masters")]
    public static partial void ClusterMapped(ILogger logger, int masters);

    [LoggerMessage(2006, LogLevel.Warning, "The map of the Redis cluster is not to be had; trying on: {Reason}")]
    public static partial void ClusterNotMapped(ILogger logger, string reason);

    [LoggerMessage(2007, LogLevel.Error, "The sweep of the Redis client failed")]
    public static partial void SweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(2008, LogLevel.Warning, "Redis refused to renew the subscription to {Subscription}; asked again with the next connection: {Reason}")]
    public static partial void ResubscriptionRefused(ILogger logger, string subscription, string reason);

    [LoggerMessage(2009, LogLevel.Information, "Redis connection regained ({Name}): {Endpoint}, RESP{Protocol}")]
    public static partial void Regained(ILogger logger, string name, string endpoint, int protocol);

    [LoggerMessage(2100, LogLevel.Debug, "Embedded {Program} started: pid {ProcessId}, socket {Socket}, data in {Folder}")]
    public static partial void EmbeddedStarted(ILogger logger, string program, int processId, string socket, string folder);

    [LoggerMessage(2101, LogLevel.Debug, "Embedded redis-server stopped: pid {ProcessId}")]
    public static partial void EmbeddedStopped(ILogger logger, int processId);

    [LoggerMessage(2102, LogLevel.Warning, "A redis-server left behind in {Folder} is stopped first: pid {ProcessId}")]
    public static partial void EmbeddedOrphan(ILogger logger, string folder, int processId);

    [LoggerMessage(2103, LogLevel.Error, "The embedded redis-server ended by itself with code {ExitCode}; it is started again. {LastWords}")]
    public static partial void EmbeddedDied(ILogger logger, int exitCode, string lastWords);

    [LoggerMessage(2104, LogLevel.Warning, "The embedded redis-server did not stop within {Seconds} s and was killed: pid {ProcessId}")]
    public static partial void EmbeddedKilled(ILogger logger, double seconds, int processId);

    [LoggerMessage(2105, LogLevel.Information, "The redis-server in {Folder} belongs to another running process and is shared: {Socket}")]
    public static partial void EmbeddedShared(ILogger logger, string folder, string socket);

    [LoggerMessage(2106, LogLevel.Error, "The embedded redis-server could not be started again; next attempt in {Seconds} s")]
    public static partial void EmbeddedNotRestarted(ILogger logger, Exception exception, double seconds);
}
