using System.CommandLine;
using Ducts.Cli.Hosting;
using Ducts.Configuration;

namespace Ducts.Cli.Commands;

/// <summary><c>ducts config</c>: prints templates; <c>ducts config check</c>: finds faults.</summary>
internal static class ConfigCommand
{
    public static Command Create(SharedOptions shared)
    {
        var sections = new Argument<string[]>("SECTION")
        {
            Description = "Sections, such as ducts.server_config, or ducts.server and ducts.redis for all that belong to them. None: all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var hidden = new Option<bool>("--hidden") { Description = "Print also the options that few ever change." };
        var command = new Command("config", "Prints the commented template of sections of the INI file.") { sections, hidden };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            shared.Enter(parsed);
            var text = await PrintAsync(parsed.GetValue(sections) ?? [], parsed.GetValue(hidden), shared.Files(parsed), cancellationToken);
            await parsed.InvocationConfiguration.Output.WriteAsync(text.AsMemory(), cancellationToken);
            return ExitCode.Success;
        });
        var check = new Command("check", "Says what is unknown, malformed or clashing in the INI file; exit code 1 if anything is.");
        check.SetAction(async (parsed, cancellationToken) =>
        {
            shared.Enter(parsed);
            return await CheckAsync(shared.Files(parsed), parsed.InvocationConfiguration.Output, cancellationToken);
        });
        command.Subcommands.Add(check);
        return command;
    }

    /// <summary>All or nothing: half a template in a redirected file would look like a whole one.</summary>
    private static async Task<string> PrintAsync(string[] names, bool hidden, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        var text = new StringWriter { NewLine = "\n" };
        if (names.Length == 0)
        {
            ConfigTemplate.TryWrite(text, "", hidden);
            foreach (var type in await FindOwnAsync())
                ConfigTemplate.Write(text, type);
        }
        foreach (var name in names)
        {
            if (ConfigTemplate.TryWrite(text, name, hidden))
                continue;
            var own = await FindOwnAsync();
            var type = own.FirstOrDefault(type => string.Equals(HandlerSections.NameOf(type), name, StringComparison.OrdinalIgnoreCase))
                ?? throw new CommandException($"Section {name} is unknown{ConfigTemplate.Suggest(name)}\nKnown are:\n{string.Join('\n', ConfigTemplate.Names.Concat(own.Select(HandlerSections.NameOf)).Select(static known => $"  {known}"))}");
            ConfigTemplate.Write(text, type);
        }
        return text.ToString();

        Task<IReadOnlyList<Type>> FindOwnAsync() => HandlerSections.FindAsync(ServiceConfiguration.LoadLeniently(ModuleTarget.OfServer(files)).Options, cancellationToken);
    }

    private static async Task<int> CheckAsync(IReadOnlyList<string> files, TextWriter output, CancellationToken cancellationToken)
    {
        var result = ServiceConfiguration.LoadLeniently(ModuleTarget.OfServer(files)).Result;
        var claimed = result.HasUserSections ? await HandlerSections.FindAsync(result.Options, cancellationToken) : [];
        IReadOnlyList<ConfigProblem> problems =
        [
            .. result.Problems,
            .. result.FindUnknownSections(claimed.Select(HandlerSections.NameOf)),
            .. result.HasErrors ? [] : ConfigurationFiles.FindProblems(result.Options),
        ];
        foreach (var problem in problems)
            await output.WriteLineAsync($"{problem} [{(problem.Severity == ConfigSeverity.Error ? "error" : "warning")}]".AsMemory(), cancellationToken);
        foreach (var note in result.Notes)
            await output.WriteLineAsync(note.AsMemory(), cancellationToken);
        if (problems.Count > 0)
            return ExitCode.Failure;
        await output.WriteLineAsync($"{string.Join(", ", result.Files)}: no problems.".AsMemory(), cancellationToken);
        return ExitCode.Success;
    }
}
