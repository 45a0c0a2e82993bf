namespace Ducts.Cli;

/// <summary>How a run of the command ended.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error, string LogPath);
