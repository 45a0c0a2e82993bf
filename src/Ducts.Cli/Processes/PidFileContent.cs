namespace Ducts.Cli.Processes;

/// <summary>Represents the content of a pid file.</summary>
/// <param name="Process">The process.</param>
/// <param name="Socket">Where it tells its status.</param>
internal sealed record PidFileContent(ProcessIdentity Process, string Socket);
