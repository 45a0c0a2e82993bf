namespace Ducts;

/// <summary>Represents the groups of sessions, by name.</summary>
/// <remarks>
/// A group is there when a session is added to it (<see cref="IEventSession.Groups"/>), and gone with its last member: nothing has to be
/// created or deleted, and a group without members takes no memory. All members are thread-safe.
/// </remarks>
public interface IGroupCollection
{
    /// <summary>Gets the group of a name. It need not have members.</summary>
    /// <param name="name">The group's name: 1 to 256 bytes in UTF-8. Case matters.</param>
    /// <exception cref="ArgumentException">The name is empty, too long, or no valid text.</exception>
    IGroup this[string name] { get; }
}

/// <summary>Represents a group of sessions: who is in it, messages to all of them, and who comes and goes.</summary>
public interface IGroup : IPushTarget
{
    /// <summary>Gets the group's name.</summary>
    string Name { get; }

    /// <summary>Returns the number of members.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes with the number.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<int> CountAsync(CancellationToken cancellationToken = default);

    /// <summary>Returns the members of the moment in which the enumeration begins, in no particular order.</summary>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>A sequence of the members. It holds up nobody who joins or leaves, however slowly it is read.</returns>
    IAsyncEnumerable<GroupMember> MembersAsync(CancellationToken cancellationToken = default);

    /// <summary>Follows who is in the group: all members, then each join and each leave, in order and exactly once.</summary>
    /// <remarks>
    /// <para>
    /// Each enumeration begins with a snapshot, in pages of at most 1,000 members; the first has <see cref="GroupChange.IsFirst"/>, the last
    /// <see cref="GroupChange.IsLast"/>, and that of an empty group is both. Joins and leaves follow; none is missed or doubled between them
    /// and the snapshot.
    /// </para>
    /// <para>
    /// A reader that falls more than 10,000 changes behind gets a new snapshot in place of what it missed: whenever a change has
    /// <see cref="GroupChange.IsFirst"/>, forget all members that are known. Nobody who joins or leaves waits for a reader.
    /// </para>
    /// <para>A handler can return the sequence as its stream. Each change is then packed once for all clients that follow the group.</para>
    /// </remarks>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>A sequence of changes that ends when the server has stopped and the last session has left.</returns>
    IAsyncEnumerable<GroupChange> FollowAsync(CancellationToken cancellationToken = default);
}
