using System.Text.RegularExpressions;
using Ducts.Cli.Commands;

namespace Ducts.Docs.Blocks;

/// <summary>The commands of a block of shell.</summary>
internal static partial class CommandLines
{
    /// <summary>What changes nothing outside its folder, needs no server, and ends by itself.</summary>
    private static readonly string[] Safe = ["ducts new", "ducts config", "mkdir", "touch", "cd"];

    /// <summary>Splits a block into its commands, each into its words; comments and redirections are gone.</summary>
    /// <param name="text">The block.</param>
    /// <param name="isSession">Whether the block is a session at a terminal: commands follow <c>$</c>, the rest is output.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Split(string text, bool isSession = false) =>
        Commands(text, isSession)
            .SelectMany(static line => line.Split(["&&", "||", ";", "|"], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select(static command => Redirection().Replace(command, ""))
            .Select(static command => (IReadOnlyList<string>)Word().Matches(command).Select(static word => word.Value.Trim('\'', '"')).ToArray())
            .Where(static words => words.Count > 0)
            .ToArray();

    /// <summary>Returns the commands as they can be given to a shell.</summary>
    public static IEnumerable<string> Commands(string text, bool isSession = false) =>
        text.Split('\n')
            .Where(line => !isSession || line.StartsWith("$ ", StringComparison.Ordinal))
            .Select(line => Comment().Replace(isSession ? line[2..] : line, "").Trim())
            .Where(static line => line.Length > 0);

    public static bool IsSafe(IReadOnlyList<string> words) =>
        Safe.Any(safe => string.Join(' ', words).StartsWith(safe, StringComparison.Ordinal));

    /// <summary>Returns what is wrong with one command, as far as its program is this repository's; null for nothing.</summary>
    public static string? FindFault(IReadOnlyList<string> words)
    {
        if (words[0] == "ducts")
        {
            var args = words.Skip(1).ToArray();
            return CommandTree.Build(args).Parse(args).Errors is [var error, ..] ? $"ducts {string.Join(' ', args)}: {error.Message}" : null;
        }

        var isOwn = words[0].StartsWith("./", StringComparison.Ordinal) || words[0].StartsWith("eng/", StringComparison.Ordinal);
        return isOwn && !IsProgram(Repository.Path(words[0])) ? $"{words[0]} is no program of the repository." : null;
    }

    private static bool IsProgram(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0);

    [GeneratedRegex(@"(^|\s)#.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\d?>+\s*\S+")]
    private static partial Regex Redirection();

    [GeneratedRegex(@"'[^']*'|""[^""]*""|\S+")]
    private static partial Regex Word();
}
