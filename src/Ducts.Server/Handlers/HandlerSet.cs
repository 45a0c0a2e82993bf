namespace Ducts.Handlers;

/// <summary>What a source has found at one moment.</summary>
/// <param name="Candidates">The handlers.</param>
/// <param name="Problems">Why others were refused.</param>
/// <param name="Lifetime">Disposed when nothing of this set runs any more; unloads its code. Null: nothing to unload.</param>
public sealed record HandlerSet(
    IReadOnlyList<HandlerCandidate> Candidates,
    IReadOnlyList<HandlerProblem> Problems,
    IDisposable? Lifetime = null)
{
    /// <summary>
    /// True after a change that would break what this source gave before: the handlers of its last set stay as they are,
    /// <see cref="Candidates"/> is empty, and <see cref="Problems"/> says what is wrong. Never true of a source's first set.
    /// </summary>
    public bool KeepsPrevious { get; init; }
}
