namespace Ducts.EndToEnd.Processes;

/// <summary>How a program's run ended.</summary>
/// <param name="ExitCode">What it returned.</param>
/// <param name="Output">What it wrote to standard output until it returned.</param>
/// <param name="Error">What it wrote to standard error.</param>
/// <param name="LogPath">Where its output goes on, from what it left running.</param>
/// <param name="Elapsed">How long it took, to be printed.</param>
internal sealed record CommandResult(int ExitCode, string Output, string Error, string LogPath, TimeSpan Elapsed)
{
    public override string ToString() => $"exit code {ExitCode} after {Elapsed.TotalMilliseconds:F0} ms\n{Output}\n{Error}";
}
