using Ducts.Handlers;

namespace Ducts.Scripting;

/// <summary>
/// The order in which problems are told: what has to be mended first, by file and line; then what follows from it, each after
/// the file that it follows from. It does without the compiler, for a start from the cache must not load that.
/// </summary>
internal static class ProblemOrder
{
    private const string Start = "left out, for it uses ";

    /// <summary>Words the problem of a file that uses another one, which does not load.</summary>
    public static HandlerProblem Consequence(HandlerProblem problem, string usedPath) =>
        problem with { Message = $"{Start}{Path.GetFileName(usedPath)}, which does not load; {problem.Message}" };

    public static IReadOnlyList<HandlerProblem> CausesFirst(IEnumerable<HandlerProblem> problems)
    {
        var consequences = problems.ToLookup(static problem => problem.Message.StartsWith(Start, StringComparison.Ordinal));
        return
        [
            .. consequences[false]
                .OrderBy(static problem => problem.Source, StringComparer.Ordinal)
                .ThenBy(static problem => problem.Line)
                .ThenBy(static problem => problem.Column),
            .. consequences[true],
        ];
    }
}
