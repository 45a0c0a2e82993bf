namespace Ducts.Handlers;

/// <summary>Represents the handlers that a source has found at one time.</summary>
/// <param name="Candidates">The handlers.</param>
/// <param name="Problems">The reasons why other handlers were rejected.</param>
/// <param name="Lifetime">The server disposes it when no handler of this set runs any more, which unloads the code; null if there is nothing to unload.</param>
public sealed record HandlerSet(
    IReadOnlyList<HandlerCandidate> Candidates,
    IReadOnlyList<HandlerProblem> Problems,
    IDisposable? Lifetime = null)
{
    /// <summary>
    /// Gets whether the handlers of the source's previous set stay in use, because a change would break them. In that case
    /// <see cref="Candidates"/> is empty and <see cref="Problems"/> has the reasons. Always false for a source's first set.
    /// </summary>
    public bool KeepsPrevious { get; init; }

    /// <summary>
    /// Gets the lowest id that events of this set may have. Null, the default, is <see cref="DuctsEventOptions.MinUserHandlerId"/>. A library
    /// of handlers whose ids are agreed upon, below those of users, sets it.
    /// </summary>
    public int? MinEventId { get; init; }

    /// <summary>Gets what looks like a handler and is ignored, such as a class without <see cref="EventAttribute"/>. Each is logged as a warning.</summary>
    public IReadOnlyList<HandlerProblem> Warnings { get; init; } = [];
}
