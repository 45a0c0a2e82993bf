namespace Ducts.Handlers;

/// <summary>What a source has found at one moment.</summary>
/// <param name="Candidates">The handlers.</param>
/// <param name="Problems">Why others were refused.</param>
/// <param name="Lifetime">Disposed when nothing of this set runs any more; unloads its code. Null: nothing to unload.</param>
public sealed record HandlerSet(
    IReadOnlyList<HandlerCandidate> Candidates,
    IReadOnlyList<HandlerProblem> Problems,
    IDisposable? Lifetime = null);
