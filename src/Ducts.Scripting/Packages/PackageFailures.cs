using System.Text.RegularExpressions;
using Ducts.Scripting.Files;

namespace Ducts.Scripting.Packages;

/// <summary>Reads out of a failed build which directive is to blame.</summary>
internal static partial class PackageFailures
{
    /// <summary>The directives that the output's errors name, each with the first such error.</summary>
    public static IReadOnlyDictionary<SourceDirective, string> Attribute(string output, IReadOnlyList<SourceDirective> directives)
    {
        var found = new Dictionary<SourceDirective, string>();
        foreach (Match match in ErrorLine().Matches(output))
        {
            foreach (var directive in directives.Where(directive => Names(match, directive)))
            {
                found.TryAdd(directive, $"{match.Groups["code"].Value}: {match.Groups["text"].Value}");
            }
        }

        return found;
    }

    /// <summary>What to say when no directive is to blame.</summary>
    public static string Explain(DotnetResult result)
    {
        if (result.ExitCode < 0
            || result.Output.Contains("No .NET SDKs were found", StringComparison.Ordinal)
            || result.Output.Contains("compatible .NET SDK was not found", StringComparison.Ordinal))
        {
            return "needs the .NET SDK, which is not installed here; get it from https://dotnet.microsoft.com/download, "
                + "or copy the folder .ducts of a machine that has it";
        }

        var error = ErrorLine().Match(result.Output);
        return error.Success
            ? $"cannot be had: {error.Groups["code"].Value}: {error.Groups["text"].Value}"
            : $"cannot be had: dotnet build ended with code {result.ExitCode}: {LastLine(result.Output)}";
    }

    private static bool Names(Match error, SourceDirective directive)
    {
        if (directive.Kind == DirectiveKind.Project)
        {
            return error.Value.Contains(directive.Name, StringComparison.Ordinal)
                || error.Groups["place"].Value.StartsWith(Path.GetDirectoryName(directive.Name)! + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        }

        // A name that is part of a longer one is another package.
        return Regex.IsMatch(
            error.Groups["text"].Value,
            $@"(?<![\w.-]){Regex.Escape(directive.Name)}(?![\w-]|\.\w)",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
            TimeSpan.FromSeconds(1));
    }

    private static string LastLine(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "no output";

    [GeneratedRegex(@"^\s*(?<place>.*?)\s*: error (?<code>[A-Z]+[0-9]+): (?<text>.*?)(?: \[[^\[\]]*\])?\s*$", RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ErrorLine();
}
