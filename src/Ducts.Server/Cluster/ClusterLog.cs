using Microsoft.Extensions.Logging;

namespace Ducts.Cluster;

/// <summary>Logs what becomes of nodes. Ids 1500 to 1599.</summary>
internal sealed partial class ClusterLog(ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("ducts.cluster");

    [LoggerMessage(1500, LogLevel.Information, "Node {Node} joined the cluster; other nodes reach it at {Address}")]
    public partial void Joined(string node, string address);

    [LoggerMessage(1501, LogLevel.Warning, "Node {Node} gave no sign of life for {Seconds} s and was marked as dead; other nodes take over its sessions")]
    public partial void Marked(string node, double seconds);

    [LoggerMessage(1502, LogLevel.Error, "This node, {Node}, was marked as dead by another node; its {Sessions} sessions are dropped, and it joins again under another name")]
    public partial void WasMarked(string node, int sessions);

    [LoggerMessage(1503, LogLevel.Warning, "The cluster's state in Redis cannot be read or written; trying again")]
    public partial void StoreFailed(Exception exception);

    [LoggerMessage(1504, LogLevel.Warning, "Node {Node} has not renewed its lease for {Seconds} s; until it has, it opens no sessions")]
    public partial void LeaseExpired(string node, double seconds);

    [LoggerMessage(1505, LogLevel.Information, "Node {Node} has renewed its lease; it opens sessions again")]
    public partial void LeaseRenewed(string node);

    [LoggerMessage(1506, LogLevel.Information, "The last sessions of node {Node} have been taken over or ended")]
    public partial void Forgotten(string node);

    [LoggerMessage(1507, LogLevel.Warning, "A connection could not be forwarded to node {Node} at {Address}: {Reason}; its client is asked to try again")]
    public partial void ForwardFailed(string node, string address, string reason);

    [LoggerMessage(1508, LogLevel.Error, "Session {StreamId} of a dead node cannot be taken over, because its record cannot be read; it is removed")]
    public partial void RecordUnreadable(string streamId);

    [LoggerMessage(1510, LogLevel.Warning, "Redis does not say whether it evicts keys: {Error}; make sure that its maxmemory-policy is noeviction")]
    public partial void PolicyUnknown(string error);

    [LoggerMessage(1511, LogLevel.Warning, "What the other nodes tell cannot be read from Redis; trying again, nothing is missed")]
    public partial void FeedFailed(Exception exception);

    [LoggerMessage(1512, LogLevel.Error, "What another node asked for, entry {Id} of the feed, failed; the node goes on with the next")]
    public partial void EntryFailed(Exception exception, string id);

    [LoggerMessage(1509, LogLevel.Error, "A session of the dead node {Node} could not be ended; trying again")]
    public partial void SweepFailed(Exception exception, string node);
}
