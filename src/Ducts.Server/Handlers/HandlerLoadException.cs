namespace Ducts.Handlers;

/// <summary>
/// The exception that is thrown when handlers cannot be loaded and option <c>strict</c> is set, or none is left and
/// <see cref="HandlerConfiguration.RequiresHandlers"/> is set.
/// </summary>
public sealed class HandlerLoadException : Exception
{
    /// <summary>Creates the exception for <c>strict</c>.</summary>
    /// <param name="problems">The reasons why handlers were rejected.</param>
    public HandlerLoadException(IReadOnlyList<HandlerProblem> problems)
        : this($"{problems.Count} handler(s) could not be loaded, and strict is on: {string.Join("; ", problems)}", problems)
    {
    }

    private HandlerLoadException(string message, IReadOnlyList<HandlerProblem> problems)
        : base(message) => Problems = problems;

    /// <summary>Gets the reasons why handlers were rejected.</summary>
    public IReadOnlyList<HandlerProblem> Problems { get; }

    internal static HandlerLoadException NoneLeft(IReadOnlyList<HandlerProblem> problems) =>
        new($"No handler could be loaded:\n{string.Join('\n', problems.Select(static problem => $"  {problem}"))}", problems);
}
