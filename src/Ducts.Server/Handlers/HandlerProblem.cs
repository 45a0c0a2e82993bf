namespace Ducts.Handlers;

/// <summary>Describes why a handler was rejected.</summary>
/// <param name="Source">A file's path or an assembly's name.</param>
/// <param name="Line">The line, from 1; 0 if the problem has no line.</param>
/// <param name="Column">The column, from 1; 0 if the problem has no column.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record HandlerProblem(string Source, int Line, int Column, string Message)
{
    /// <summary>Returns the problem in the format of compilers, such as <c>file(line,column): message</c>.</summary>
    public override string ToString() => (Line, Column) switch
    {
        (0, _) => $"{Source}: {Message}",
        (_, 0) => $"{Source}({Line}): {Message}",
        _ => $"{Source}({Line},{Column}): {Message}",
    };
}
