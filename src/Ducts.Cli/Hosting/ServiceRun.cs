using Ducts.Cli.Commands;
using Ducts.Cli.Processes;

namespace Ducts.Cli.Hosting;

/// <summary><c>run</c>: the process that <c>start</c> starts, and the one of containers and service managers.</summary>
internal static class ServiceRun
{
    public static async Task<int> RunAsync(ModuleTarget target, ReadySignal ready)
    {
        var configuration = ServiceConfiguration.Load(target);
        var (pidFile, running) = await PidFile.ClaimAsync(configuration.PidPath);
        if (running is not null)
            throw new CommandException($"{target.Title} runs already, as process {running.Process.Pid}. Stop it with: {target.CommandLine("stop")}");
        using (pidFile)
        {
            await (target.Module == ModuleTarget.Server
                ? new DuctsServerHost(configuration, pidFile!.Socket, ready).RunAsync()
                : new ModuleHost(configuration, pidFile!.Socket, ready).RunAsync());
        }
        return ExitCode.Success;
    }
}
