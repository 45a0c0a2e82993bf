namespace Ducts.Handlers;

/// <summary>Why a handler was refused.</summary>
/// <param name="Source">A file's path or an assembly's name.</param>
/// <param name="Line">The line, from 1; 0 where no line is to blame.</param>
/// <param name="Column">The column, from 1; 0 where no column is to blame.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record HandlerProblem(string Source, int Line, int Column, string Message)
{
    /// <summary>The problem as compilers print it.</summary>
    public override string ToString() => (Line, Column) switch
    {
        (0, _) => $"{Source}: {Message}",
        (_, 0) => $"{Source}({Line}): {Message}",
        _ => $"{Source}({Line},{Column}): {Message}",
    };
}
