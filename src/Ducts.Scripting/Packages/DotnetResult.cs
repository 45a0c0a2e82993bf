namespace Ducts.Scripting.Packages;

/// <summary>How a run of <c>dotnet</c> ended.</summary>
/// <param name="ExitCode">Its exit code; -1 where it could not be started.</param>
/// <param name="Output">What it printed, both streams.</param>
internal sealed record DotnetResult(int ExitCode, string Output);
