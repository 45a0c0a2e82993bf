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
        command.SetAction(parsed =>
        {
            shared.Enter(parsed);
            return Print(parsed.GetValue(sections) ?? [], parsed.GetValue(hidden), parsed.InvocationConfiguration.Output);
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

    private static int Print(string[] names, bool hidden, TextWriter output)
    {
        // All or nothing: half a template in a redirected file would look like a whole one.
        var text = new StringWriter { NewLine = "\n" };
        var own = new Lazy<IReadOnlyList<Type>>(HandlerSections.Find);
        if (names.Length == 0)
        {
            ConfigTemplate.TryWrite(text, "", hidden);
            foreach (var type in own.Value)
                ConfigTemplate.Write(text, type);
        }
        foreach (var name in names)
        {
            if (ConfigTemplate.TryWrite(text, name, hidden))
                continue;
            var type = own.Value.FirstOrDefault(type => string.Equals(HandlerSections.NameOf(type), name, StringComparison.OrdinalIgnoreCase))
                ?? throw new CommandException($"Section {name} is unknown{ConfigTemplate.Suggest(name)} Known are:\n{string.Join('\n', ConfigTemplate.Names.Concat(own.Value.Select(HandlerSections.NameOf)).Select(static known => $"  {known}"))}");
            ConfigTemplate.Write(text, type);
        }
        output.Write(text.ToString());
        return ExitCode.Success;
    }

    private static async Task<int> CheckAsync(IReadOnlyList<string> files, TextWriter output, CancellationToken cancellationToken)
    {
        var result = ServiceConfiguration.LoadLeniently(new ModuleTarget(ModuleTarget.Server, files, Verbose: false, Watch: false)).Result;
        var claimed = result.HasUserSections ? HandlerSections.Find().Select(HandlerSections.NameOf) : [];
        IReadOnlyList<ConfigProblem> problems = [.. result.Problems, .. result.FindUnknownSections(claimed)];
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
