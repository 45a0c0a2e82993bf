namespace Ducts.Cli.Hosting;

/// <summary>Whether the process was started in the background.</summary>
internal sealed record RunsInBackground(bool Value);
