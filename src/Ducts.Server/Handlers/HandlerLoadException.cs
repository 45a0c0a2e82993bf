namespace Ducts.Handlers;

/// <summary>The exception that is thrown when handlers cannot be loaded and option <c>strict</c> is set.</summary>
/// <param name="problems">The reasons why handlers were rejected.</param>
public sealed class HandlerLoadException(IReadOnlyList<HandlerProblem> problems)
    : Exception($"{problems.Count} handler(s) could not be loaded, and strict is on: {string.Join("; ", problems)}")
{
    /// <summary>Gets the reasons why handlers were rejected.</summary>
    public IReadOnlyList<HandlerProblem> Problems { get; } = problems;
}
