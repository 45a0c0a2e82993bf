using Ducts.Redis;

namespace Ducts;

/// <summary>Represents sessions that one message can be sent to: all of them, those of a user, the members of a group.</summary>
/// <remarks>
/// A push to several sessions is packed once. Each session whose send buffer is full
/// (<see cref="DuctsWebSocketOptions.OutboxLimit"/>) gets the message as soon as it has room, in the order of the pushes; the other sessions
/// get it at once. The task completes when the message has been queued for every session that has not ended, so it can take as long as the
/// slowest client: <see cref="DuctsWebSocketOptions.StallTimeout"/> and <see cref="DuctsWebSocketOptions.ReconnectTimeout"/> limit that.
/// Await it: until then, the server keeps the message in memory. To not wait, use <see cref="PushMode.SkipSlow"/>.
/// With several servers (<see cref="DuctsClusterOptions.Cluster"/>), the sessions of all of them get the message, by way of Redis. Those of the
/// other servers are not waited for, and are in none of the numbers that are returned. Where Redis cannot be reached, only the sessions of
/// this server get the message, and a <see cref="RedisClientException"/> says so. A push with a predicate is for the sessions of this
/// server alone.
/// </remarks>
public interface IPushTarget
{
    /// <summary>Sends a message to the sessions and waits for those that have no room for it.</summary>
    /// <param name="key">The event's key.</param>
    /// <param name="data">The data to send.</param>
    /// <param name="cancellationToken">Stops the operation: sessions that the message has not been queued for do not get it.</param>
    /// <returns>The number of sessions that the message was queued for. Sessions that end while they have no room are not among them.</returns>
    /// <exception cref="KeyNotFoundException">No event has that key.</exception>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<int> PushAsync(string key, object? data, CancellationToken cancellationToken = default);

    /// <summary>Sends a message to the sessions and waits for those that have no room for it.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="data">The data to send.</param>
    /// <param name="cancellationToken">Stops the operation: sessions that the message has not been queued for do not get it.</param>
    /// <returns>The number of sessions that the message was queued for. Sessions that end while they have no room are not among them.</returns>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<int> PushAsync(int id, object? data, CancellationToken cancellationToken = default);

    /// <summary>Sends a message to the sessions.</summary>
    /// <param name="key">The event's key.</param>
    /// <param name="data">The data to send.</param>
    /// <param name="mode">What to do about sessions that have no room for the message.</param>
    /// <param name="cancellationToken">Stops the operation: sessions that the message has not been queued for do not get it.</param>
    /// <returns>The numbers of sessions that the message was queued for, and that were skipped.</returns>
    /// <exception cref="KeyNotFoundException">No event has that key.</exception>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB, or the mode is undefined.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<PushResult> PushAsync(string key, object? data, PushMode mode, CancellationToken cancellationToken = default);

    /// <summary>Sends a message to the sessions.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="data">The data to send.</param>
    /// <param name="mode">What to do about sessions that have no room for the message.</param>
    /// <param name="cancellationToken">Stops the operation: sessions that the message has not been queued for do not get it.</param>
    /// <returns>The numbers of sessions that the message was queued for, and that were skipped.</returns>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB, or the mode is undefined.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<PushResult> PushAsync(int id, object? data, PushMode mode, CancellationToken cancellationToken = default);
}
