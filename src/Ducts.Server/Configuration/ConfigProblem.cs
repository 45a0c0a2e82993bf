namespace Ducts.Configuration;

/// <summary>Describes something in the configuration that is wrong or odd.</summary>
/// <param name="Severity">Whether it keeps the server from starting.</param>
/// <param name="Source">The file's path as it was given, or the environment variable; empty where nothing was set.</param>
/// <param name="Line">The line, from 1; 0 where no line is to blame.</param>
/// <param name="Message">What is wrong, and what was expected.</param>
public sealed record ConfigProblem(ConfigSeverity Severity, string Source, int Line, string Message)
{
    /// <summary>Returns the problem as compilers print it: <c>file(line): message</c>.</summary>
    public override string ToString() => (Source.Length, Line) switch
    {
        (0, _) => Message,
        (_, 0) => $"{Source}: {Message}",
        _ => $"{Source}({Line}): {Message}",
    };
}

/// <summary>Specifies how bad a <see cref="ConfigProblem"/> is.</summary>
public enum ConfigSeverity
{
    /// <summary>The server starts all the same.</summary>
    Warning,

    /// <summary>The server does not start.</summary>
    Error,
}
