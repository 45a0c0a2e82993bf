namespace Ducts;

/// <summary>Represents the live sessions: those that are connected and those that wait for a reconnect.</summary>
/// <remarks>
/// A push to several sessions does not wait: it skips each session whose send buffer is full and returns the number of sessions
/// that it queued the message for. To wait for one session, call its <see cref="IEventSession.PushAsync(int, object?, CancellationToken)"/>.
/// </remarks>
public interface ISessionCollection : IEnumerable<IEventSession>
{
    /// <summary>Gets the number of live sessions.</summary>
    int Count { get; }

    /// <summary>Returns the session that has an id.</summary>
    /// <param name="sessionId">The id, as in <see cref="IEventSession.SessionId"/>.</param>
    /// <returns>The session, or null if there is no live session with that id.</returns>
    IEventSession? Find(string sessionId);

    /// <summary>Sends a message to all sessions. The data is packed once.</summary>
    /// <param name="key">The event's key.</param>
    /// <param name="data">The data to send.</param>
    /// <param name="cancellationToken">Stops the operation before the next session.</param>
    /// <returns>The number of sessions that the message was queued for.</returns>
    /// <exception cref="KeyNotFoundException">No event has that key.</exception>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB.</exception>
    ValueTask<int> PushAsync(string key, object? data, CancellationToken cancellationToken = default);

    /// <summary>Sends a message to all sessions. The data is packed once.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="data">The data to send.</param>
    /// <param name="cancellationToken">Stops the operation before the next session.</param>
    /// <returns>The number of sessions that the message was queued for.</returns>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB.</exception>
    ValueTask<int> PushAsync(int id, object? data, CancellationToken cancellationToken = default);

    /// <summary>Sends a message to the sessions that match a predicate. The data is packed once.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="data">The data to send.</param>
    /// <param name="predicate">Returns true for each session that receives the message.</param>
    /// <param name="cancellationToken">Stops the operation before the next session.</param>
    /// <returns>The number of sessions that the message was queued for.</returns>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB.</exception>
    ValueTask<int> PushAsync(int id, object? data, Func<IEventSession, bool> predicate, CancellationToken cancellationToken = default);
}
