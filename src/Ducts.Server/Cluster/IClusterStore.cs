using Ducts.Redis;

namespace Ducts.Cluster;

/// <summary>What the nodes of a cluster know in common. Each method is one step that happens as a whole, or not at all.</summary>
/// <remarks>Each throws a <see cref="RedisClientException"/> when Redis is out of reach or refuses; a write may have happened then.</remarks>
internal interface IClusterStore
{
    /// <summary>Makes a node known.</summary>
    ValueTask RegisterAsync(string node, string address, CancellationToken cancellationToken);

    /// <summary>Raises a node's lease.</summary>
    /// <returns>False when it has been marked as dead.</returns>
    ValueTask<bool> RaiseAsync(string node, CancellationToken cancellationToken);

    /// <summary>Returns the names of all nodes.</summary>
    ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Returns what is known of a node; of an unknown one, that it is dead.</summary>
    ValueTask<NodeState> ReadNodeAsync(string node, CancellationToken cancellationToken);

    /// <summary>Marks a node as dead, if its lease still stands where it was seen.</summary>
    /// <returns>Whether it is dead now.</returns>
    ValueTask<bool> MarkAsync(string node, long lease, CancellationToken cancellationToken);

    /// <summary>Forgets a node, if it is dead and has no session any more, or leaves by itself.</summary>
    /// <returns>False when it has sessions.</returns>
    ValueTask<bool> ForgetAsync(string node, CancellationToken cancellationToken);

    /// <summary>Notes that a node may own a session, before it does.</summary>
    /// <returns>False when the node has been marked as dead.</returns>
    ValueTask<bool> NoteAsync(string node, string streamId, CancellationToken cancellationToken);

    /// <summary>Notes that a node does not own a session.</summary>
    ValueTask UnnoteAsync(string node, string streamId, CancellationToken cancellationToken);

    /// <summary>Returns some of the sessions that a node may own; empty for none.</summary>
    ValueTask<IReadOnlyList<string>> SampleAsync(string node, int count, CancellationToken cancellationToken);

    /// <summary>Makes a node a session's owner, if nobody or that node is: a new epoch begins.</summary>
    /// <returns>The record: of this epoch, or of another owner, or that the session is over.</returns>
    ValueTask<SessionRecord> TakeAsync(string node, string streamId, IReadOnlyList<KeyValuePair<string, string>> fields, CancellationToken cancellationToken);

    /// <summary>Returns a session's record; null for none.</summary>
    ValueTask<SessionRecord?> ReadAsync(string streamId, CancellationToken cancellationToken);

    /// <summary>Makes a node a session's owner after another, if the record is still that of an epoch.</summary>
    /// <returns>The new epoch; 0 when the record is another.</returns>
    ValueTask<long> ClaimAsync(string node, string streamId, string owner, long epoch, CancellationToken cancellationToken);

    /// <summary>Changes fields of a record, if it is still that of an epoch.</summary>
    ValueTask<bool> WriteAsync(string streamId, long epoch, IReadOnlyList<KeyValuePair<string, string>> fields, CancellationToken cancellationToken);

    /// <summary>Removes a record, if it is still that of an epoch.</summary>
    /// <param name="streamId">The session.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="isOver">How long nobody may take the session any more; null where it may be opened anew.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    ValueTask<bool> EndAsync(string streamId, long epoch, TimeSpan? isOver, CancellationToken cancellationToken);
}
