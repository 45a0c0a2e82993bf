using Ducts.Redis.Ownership;

namespace Ducts.Cli.Processes;

/// <summary>Represents what a pid file says, and whose word that is.</summary>
/// <param name="Process">The process.</param>
/// <param name="Facts">Whose file it is; nothing where the system does not say.</param>
/// <param name="Socket">Where the process tells its status.</param>
internal sealed record PidFileContent(ProcessIdentity Process, FileFacts Facts, string Socket);
