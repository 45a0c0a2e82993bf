using System.CommandLine;
using System.CommandLine.Parsing;
using Ducts.Configuration;

namespace Ducts.Cli.Commands;

/// <summary>What is wrong with a command line, in a line or two instead of a page of help.</summary>
internal static class UsageFault
{
    public static CommandException Of(ParseResult parsed, IReadOnlyList<string> args)
    {
        var path = Path(parsed.CommandResult);
        var help = $"See: {path} --help";
        if (parsed.UnmatchedTokens.Count == 0)
        {
            return new CommandException(parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.CommandResult.Command is RootCommand or { Action: null }
                ? $"{path} needs one of {string.Join(", ", parsed.CommandResult.Command.Subcommands.Select(static command => command.Name))}. {help}"
                : $"{parsed.Errors[0].Message} {help}");
        }
        var unknown = parsed.UnmatchedTokens[0];
        if (parsed.CommandResult.Command is RootCommand && unknown == args[0] && args.Count > 1 && ModuleCommand.Verbs.Contains(args[1]) && !IsNearCommand(parsed, unknown))
            return new CommandException($"{unknown} is neither a command nor a module: there is no file {ModuleTarget.FileOf(unknown, args)}. {help}");
        var isOption = unknown.StartsWith('-');
        if (!isOption && parsed.CommandResult.Command.Subcommands.Count == 0)
            return new CommandException($"{path} takes nothing like \"{unknown}\" there. {help}");
        return new CommandException($"{path} has no {(isOption ? "option" : "command")} {unknown}{Spelling.DidYouMean(unknown, isOption ? Options(parsed.CommandResult) : Commands(parsed))}\n{help}");
    }

    private static bool IsNearCommand(ParseResult parsed, string name) => Spelling.DidYouMean(name, Commands(parsed)).Length > 0;

    private static IEnumerable<string> Commands(ParseResult parsed) => parsed.CommandResult.Command.Subcommands.Select(static command => command.Name);

    private static IEnumerable<string> Options(CommandResult command)
    {
        for (var at = command; at is not null; at = at.Parent as CommandResult)
        {
            foreach (var option in at.Command.Options.Where(option => !option.Hidden && (at == command || option.Recursive)))
                yield return option.Name;
        }
    }

    private static string Path(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{Path(parent)} {command.Command.Name}" : "ducts";
}
