namespace Ducts;

/// <summary>Represents the live sessions: those that are connected and those that wait for a reconnect.</summary>
public interface ISessionCollection : IPushTarget, IEnumerable<IEventSession>
{
    /// <summary>Gets the number of live sessions.</summary>
    int Count { get; }

    /// <summary>Returns the session that has an id.</summary>
    /// <param name="sessionId">The id, as in <see cref="IEventSession.SessionId"/>.</param>
    /// <returns>The session, or null if there is no live session with that id.</returns>
    IEventSession? Find(string sessionId);

    /// <summary>Sends a message to the sessions that match a predicate and waits for those that have no room for it.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="data">The data to send.</param>
    /// <param name="predicate">Returns true for each session that receives the message.</param>
    /// <param name="cancellationToken">Stops the operation: sessions that the message has not been queued for do not get it.</param>
    /// <returns>The number of sessions that the message was queued for. Sessions that end while they have no room are not among them.</returns>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<int> PushAsync(int id, object? data, Func<IEventSession, bool> predicate, CancellationToken cancellationToken = default);

    /// <summary>Sends a message to the sessions that match a predicate.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="data">The data to send.</param>
    /// <param name="predicate">Returns true for each session that receives the message.</param>
    /// <param name="mode">What to do about sessions that have no room for the message.</param>
    /// <param name="cancellationToken">Stops the operation: sessions that the message has not been queued for do not get it.</param>
    /// <returns>The numbers of sessions that the message was queued for, and that were skipped. Sessions that do not match are in neither.</returns>
    /// <exception cref="ArgumentException">The message is larger than 4 MiB, or the mode is undefined.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<PushResult> PushAsync(int id, object? data, Func<IEventSession, bool> predicate, PushMode mode, CancellationToken cancellationToken = default);
}
