namespace Ducts.Handlers;

/// <summary>Handlers could not be loaded, and option <c>strict</c> makes that fail the start.</summary>
/// <param name="problems">What is wrong.</param>
public sealed class HandlerLoadException(IReadOnlyList<HandlerProblem> problems)
    : Exception($"{problems.Count} handler(s) could not be loaded, and strict is on: {string.Join("; ", problems)}")
{
    /// <summary>What is wrong.</summary>
    public IReadOnlyList<HandlerProblem> Problems { get; } = problems;
}
