using System.Runtime.InteropServices;
using Ducts.Cli.Commands;
using Ducts.Cli.Processes;
using Ducts.Redis.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ducts.Cli.Hosting;

/// <summary><c>stop</c>: asks the process to end, waits, and ends it if it does not.</summary>
internal static class ServiceStop
{
    private const int NotPermitted = 1;
    // The server needs a part of it only where handlers heed no cancellation.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // What is killed ends by itself, but a large process on a busy machine takes its time to give its memory back.
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public static async Task<int> RunAsync(ModuleTarget target, TextWriter output)
    {
        var configuration = ServiceConfiguration.LoadLeniently(target);
        if (PidFile.FindRunning(configuration.PidPath) is not { } running)
        {
            await output.WriteLineAsync($"{target.Title} does not run.");
            return ExitCode.Success;
        }
        var process = running.Process;
        Signal(process, Native.SigTerm, target);
        var patience = configuration.Options.WebSocketServer.ShutdownTimeout + Grace;
        if (await EndsAsync(process, patience))
        {
            await output.WriteLineAsync($"{target.Title} has stopped (process {process.Pid}).");
            return ExitCode.Success;
        }
        Signal(process, Native.SigKill, target);
        if (!await EndsAsync(process, KillPatience))
            throw new CommandException($"{target.Title}, process {process.Pid}, does not end: it waits in the kernel, most likely for a disk.");
        PidFile.FindRunning(configuration.PidPath);
        if (target.Module == ModuleTarget.Server)
            await StopRedisAsync(configuration);
        await output.WriteLineAsync($"{target.Title} was killed (process {process.Pid}): it had not stopped within {patience.TotalSeconds:0.#} s.");
        return ExitCode.Success;
    }

    /// <summary>A server that was killed could not take its redis-server with it.</summary>
    private static Task StopRedisAsync(ServiceConfiguration configuration) =>
        EmbeddedRedis.StopLeftBehindAsync(Path.Combine(configuration.Options.Common.DuctsHome, ".redis"), NullLogger.Instance);

    private static async Task<bool> EndsAsync(ProcessIdentity process, TimeSpan patience)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (process.IsAlive)
        {
            if (TimeProvider.System.GetElapsedTime(begin) > patience)
                return false;
            await Task.Delay(Pause);
        }
        return true;
    }

    private static void Signal(ProcessIdentity process, int signal, ModuleTarget target)
    {
        if (OperatingSystem.IsWindows())
        {
            using var found = System.Diagnostics.Process.GetProcessById(process.Pid);
            found.Kill();
            return;
        }
        if (Native.Kill(process.Pid, signal) != 0 && Marshal.GetLastPInvokeError() == NotPermitted)
            throw new CommandException($"{target.Title}, process {process.Pid}, belongs to another user: stop it as that user or as root.");
    }
}
