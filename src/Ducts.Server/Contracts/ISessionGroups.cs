namespace Ducts;

/// <summary>Represents the groups that one session is in. Enumerating it gives their names as they are at that moment.</summary>
/// <remarks>
/// A session stays in its groups while it waits for a reconnect. When it ends, however that comes, it leaves all of them by itself, before
/// <see cref="DuctsHandler.HandleClosedAsync"/> runs. All members are thread-safe.
/// </remarks>
public interface ISessionGroups : IEnumerable<string>
{
    /// <summary>Gets the number of groups that the session is in.</summary>
    int Count { get; }

    /// <summary>Determines whether the session is in a group.</summary>
    /// <param name="name">The group's name.</param>
    /// <returns>True if it is.</returns>
    bool Contains(string name);

    /// <summary>Adds the session to a group.</summary>
    /// <param name="name">The group's name: 1 to 256 bytes in UTF-8. Case matters.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes with true, or with false if the session was in the group before.</returns>
    /// <exception cref="ArgumentException">The name is empty, too long, or no valid text.</exception>
    /// <exception cref="GroupLimitException">The session is in as many groups as it may be (<see cref="DuctsWebSocketOptions.MaxGroups"/>).</exception>
    /// <exception cref="OperationCanceledException">The session has ended, or the token was cancelled.</exception>
    ValueTask<bool> AddAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Removes the session from a group.</summary>
    /// <param name="name">The group's name.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes with true, or with false if the session was not in the group.</returns>
    /// <exception cref="ArgumentException">The name is empty, too long, or no valid text.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<bool> RemoveAsync(string name, CancellationToken cancellationToken = default);
}
