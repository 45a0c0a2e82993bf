namespace Ducts.Configuration;

/// <summary>Describes an error or a warning about the configuration.</summary>
/// <param name="Severity">Whether the problem prevents the server from starting.</param>
/// <param name="Source">The file's path as it was given, or the environment variable; empty where nothing was set.</param>
/// <param name="Line">The line, from 1; 0 if the problem has no line.</param>
/// <param name="Message">What is wrong, and what was expected.</param>
public sealed record ConfigProblem(ConfigSeverity Severity, string Source, int Line, string Message)
{
    /// <summary>Returns the problem in the format of compilers: <c>file(line): message</c>.</summary>
    public override string ToString() => (Source.Length, Line) switch
    {
        (0, _) => Message,
        (_, 0) => $"{Source}: {Message}",
        _ => $"{Source}({Line}): {Message}",
    };
}

/// <summary>Specifies the severity of a <see cref="ConfigProblem"/>.</summary>
public enum ConfigSeverity
{
    /// <summary>The server logs the problem and starts.</summary>
    Warning,

    /// <summary>The server does not start.</summary>
    Error,
}
