namespace Ducts.Configuration;

/// <summary>How bad a <see cref="ConfigProblem"/> is.</summary>
public enum ConfigSeverity
{
    /// <summary>The server starts all the same.</summary>
    Warning,

    /// <summary>The server does not start.</summary>
    Error,
}
