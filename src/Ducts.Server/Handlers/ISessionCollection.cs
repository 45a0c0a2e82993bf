namespace Ducts;

/// <summary>The live sessions: those with a socket and those that wait for one.</summary>
public interface ISessionCollection : IEnumerable<IEventSession>
{
    /// <summary>How many sessions live.</summary>
    int Count { get; }

    /// <summary>The session of an id, or null when it does not live.</summary>
    /// <param name="sessionId">The id as <see cref="IEventSession.SessionId"/> has it.</param>
    IEventSession? Find(string sessionId);

    /// <summary>Pushes a message to every session, packed once.</summary>
    /// <param name="key">The event's key.</param>
    /// <param name="data">What to send.</param>
    /// <returns>How many sessions it was queued for.</returns>
    ValueTask<int> PushAsync(string key, object? data);

    /// <summary>Pushes a message to every session, packed once.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="data">What to send.</param>
    /// <returns>How many sessions it was queued for.</returns>
    ValueTask<int> PushAsync(int id, object? data);

    /// <summary>Pushes a message to the sessions that match, packed once.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="data">What to send.</param>
    /// <param name="matches">Which sessions get it.</param>
    /// <returns>How many sessions it was queued for.</returns>
    ValueTask<int> PushAsync(int id, object? data, Func<IEventSession, bool> matches);
}
