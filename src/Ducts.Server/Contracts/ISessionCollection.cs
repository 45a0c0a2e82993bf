namespace Ducts;

/// <summary>The live sessions: those with a socket and those that wait for one.</summary>
/// <remarks>
/// A push to many does not wait: a session whose outbox is full is left out, and the number that is returned says how many
/// were not. To wait for one session, push to it by <see cref="IEventSession.PushAsync(int, object?, CancellationToken)"/>.
/// </remarks>
public interface ISessionCollection : IEnumerable<IEventSession>
{
    /// <summary>Gets how many sessions live.</summary>
    int Count { get; }

    /// <summary>Finds the session of an id.</summary>
    /// <param name="sessionId">The id as <see cref="IEventSession.SessionId"/> has it.</param>
    /// <returns>The session, or null when it does not live.</returns>
    IEventSession? Find(string sessionId);

    /// <summary>Pushes a message to every session, packed once.</summary>
    /// <param name="key">The event's key.</param>
    /// <param name="data">What to send.</param>
    /// <param name="cancellationToken">Stops before the next session.</param>
    /// <returns>How many sessions it was queued for.</returns>
    /// <exception cref="KeyNotFoundException">No event has that key.</exception>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB.</exception>
    ValueTask<int> PushAsync(string key, object? data, CancellationToken cancellationToken = default);

    /// <summary>Pushes a message to every session, packed once.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="data">What to send.</param>
    /// <param name="cancellationToken">Stops before the next session.</param>
    /// <returns>How many sessions it was queued for.</returns>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB.</exception>
    ValueTask<int> PushAsync(int id, object? data, CancellationToken cancellationToken = default);

    /// <summary>Pushes a message to the sessions that match, packed once.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="data">What to send.</param>
    /// <param name="predicate">Which sessions get it.</param>
    /// <param name="cancellationToken">Stops before the next session.</param>
    /// <returns>How many sessions it was queued for.</returns>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB.</exception>
    ValueTask<int> PushAsync(int id, object? data, Func<IEventSession, bool> predicate, CancellationToken cancellationToken = default);
}
