using System.CommandLine;

namespace Ducts.Cli.Commands;

/// <summary>The whole command line. Building it must stay cheap: nothing of the server is loaded before a command runs.</summary>
internal static class CommandTree
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            // A server ends in its own time, by its own signal handlers.
            ProcessTerminationTimeout = null,
        };
        try
        {
            var parsed = Build(args).Parse(args.Count == 0 ? ["--help"] : args);
            return parsed.Errors.Count > 0 ? throw UsageFault.Of(parsed, args) : await parsed.InvokeAsync(configuration);
        }
        catch (CommandException fault)
        {
            await error.WriteLineAsync(fault.Message);
            return ExitCode.Failure;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Failure;
        }
        catch (Exception fault)
        {
            // Nobody foresaw it; whoever mends it needs all of it.
            await error.WriteLineAsync($"ducts failed unexpectedly. Please report this:\n{fault}");
            return ExitCode.Failure;
        }
    }

    internal static RootCommand Build(IReadOnlyList<string> args)
    {
        var shared = new SharedOptions();
        var root = new RootCommand("Serves pages, WebSocket sessions and Redis streams with handlers written in C#.");
        foreach (var option in shared.All)
            root.Options.Add(option);
        root.Subcommands.Add(NewCommand.Create(shared));
        root.Subcommands.Add(ConfigCommand.Create(shared));
        root.Subcommands.Add(ModuleCommand.Create(ModuleTarget.Server, shared));
        root.Subcommands.Add(EventsCommand.Create(shared));
        root.Subcommands.Add(CallCommand.Create(shared));
        root.Subcommands.Add(TokenCommand.Create(shared));
        if (FindModule(args, root) is { } module)
            root.Subcommands.Add(ModuleCommand.Create(module, shared));
        return root;
    }

    /// <summary>A first word that is no command, before one of a module's verbs or named as a module's file, is the user's module.</summary>
    private static string? FindModule(IReadOnlyList<string> args, RootCommand root)
    {
        if (args.Count == 0 || !IsModuleName(args[0]) || root.Subcommands.Any(command => command.Name == args[0]))
            return null;
        var isVerb = args.Count > 1 && ModuleCommand.Verbs.Contains(args[1]);
        return isVerb && File.Exists(ModuleTarget.FileOf(args[0], args)) ? args[0] : null;
    }

    private static bool IsModuleName(string name) =>
        name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') && name[0] != '-';
}
