using System.CommandLine;
using Ducts.Cli.Hosting;
using Ducts.Cli.Processes;

namespace Ducts.Cli.Commands;

/// <summary><c>ducts server …</c> and <c>ducts NAME …</c>: start, run, stop, restart, status.</summary>
internal static class ModuleCommand
{
    public static readonly IReadOnlyList<string> Verbs = ["start", "run", "stop", "restart", "status"];

    public static Command Create(string module, SharedOptions shared)
    {
        var isServer = module == ModuleTarget.Server;
        var what = isServer ? "the server" : $"module {module}";
        var watch = new Option<bool>("--watch") { Description = "Swap in changed handler files while the server runs." };
        var readyPipe = new Option<string?>(BackgroundStart.PipeOption) { Hidden = true };
        var command = new Command(module, isServer ? "Starts and stops the server." : $"Starts and stops {what}, modules/{module}.cs.");

        Add("start", $"Starts {what} in the background; returns when it is ready, or with the reason it is not.", [watch], (parsed, target) => StartAsync(target, parsed.InvocationConfiguration.Error));
        Add("run", $"Runs {what} in the foreground, for containers and service managers.", [watch, readyPipe], (parsed, target) => RunAsync(target, parsed.GetValue(readyPipe)));
        Add("stop", $"Stops {what}.", [], (parsed, target) => ServiceStop.RunAsync(target, parsed.InvocationConfiguration.Output));
        Add("restart", $"Stops {what} if it runs, and starts it.", [watch], async (parsed, target) =>
        {
            var stopped = await ServiceStop.RunAsync(target, parsed.InvocationConfiguration.Output);
            return stopped == ExitCode.Success ? await StartAsync(target, parsed.InvocationConfiguration.Error) : stopped;
        });
        Add("status", $"Tells whether {what} runs; exit code {ExitCode.NotRunning} if not.", [], (parsed, target) => ServiceStatus.RunAsync(target, parsed.InvocationConfiguration.Output));
        return command;

        void Add(string verb, string description, Option[] options, Func<ParseResult, ModuleTarget, Task<int>> action)
        {
            var child = new Command(verb, description);
            foreach (var option in options)
            {
                if (isServer || option != watch)
                    child.Options.Add(option);
            }
            child.SetAction((parsed, _) =>
            {
                RedirectedOutput.Append();
                shared.Enter(parsed);
                var target = new ModuleTarget(module, shared.Files(parsed), parsed.GetValue(shared.Verbose), isServer && options.Contains(watch) && parsed.GetValue(watch));
                return action(parsed, target);
            });
            command.Subcommands.Add(child);
        }
    }

    private static async Task<int> StartAsync(ModuleTarget target, TextWriter error)
    {
        if (OperatingSystem.IsWindows())
            throw new CommandException($"Starting in the background needs a Unix system: use {target.CommandLine("run")}.");
        return await BackgroundStart.RunAsync(target, error);
    }

    private static async Task<int> RunAsync(ModuleTarget target, string? readyPipe)
    {
        using var ready = ReadySignal.Open(readyPipe);
        try
        {
            return await ServiceRun.RunAsync(target, ready);
        }
        catch (CommandException fault) when (ready.IsConnected)
        {
            // The command that started this process prints it: its user looks there.
            ready.Failed(fault.Message);
            return ExitCode.Failure;
        }
    }
}
