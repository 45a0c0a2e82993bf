namespace Ducts.Cli;

/// <summary>Specifies the exit codes of the command for scripts and service managers.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>It did not work, and standard error says why.</summary>
    public const int Failure = 1;

    /// <summary>Ended by Ctrl-C, as shells count it.</summary>
    public const int Interrupted = 130;

    /// <summary>The answer of <c>status</c> where nothing runs, as init scripts have it.</summary>
    public const int NotRunning = 3;
}
