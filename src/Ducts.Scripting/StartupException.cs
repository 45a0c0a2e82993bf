using Ducts.Handlers;

namespace Ducts.Scripting;

/// <summary>The exception that is thrown when the <c>Configure</c> method of a startup file fails.</summary>
public sealed class StartupException : Exception
{
    internal StartupException(HandlerProblem problem, Exception inner)
        : base(problem.ToString(), inner) => Problem = problem;

    /// <summary>Gets what failed, and the line of the file where it did.</summary>
    public HandlerProblem Problem { get; }
}
