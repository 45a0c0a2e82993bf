using System.Text;
using System.Text.RegularExpressions;
using Ducts.Handlers;
using Ducts.Redis.Ownership;

namespace Ducts.Scripting.Files;

/// <summary>
/// Reads the <c>#:</c> lines at the head of a file, by the rules of .NET's file-based programs. It does without the
/// compiler, for a start from the cache must not load that.
/// </summary>
internal static partial class DirectiveReader
{
    /// <summary>Reads the directives of one file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="problems">Gets an entry per line that has no meaning here.</param>
    public static IReadOnlyList<SourceDirective> Read(SourceFile file, ICollection<HandlerProblem> problems)
    {
        if (file.Content.AsSpan().IndexOf("#:"u8) < 0)
        {
            return [];
        }

        var found = new List<SourceDirective>();
        var inComment = false;
        var number = 0;
        using var reader = new StreamReader(new MemoryStream(file.Content), Encoding.UTF8);
        while (reader.ReadLine() is { } text)
        {
            number++;
            var line = StripComments(text, ref inComment);
            if (line.StartsWith("#:", StringComparison.Ordinal))
            {
                if (Parse(line[2..].Trim(), file.Path, number, problems) is { } directive)
                {
                    found.Add(directive);
                }
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                // The first line of code ends the head; a directive below it is the compiler's to refuse.
                break;
            }
        }

        return found;
    }

    private static string StripComments(string text, ref bool inComment)
    {
        var line = text.Trim();
        while (true)
        {
            if (inComment)
            {
                var end = line.IndexOf("*/", StringComparison.Ordinal);
                if (end < 0)
                {
                    return "";
                }

                line = line[(end + 2)..].TrimStart();
                inComment = false;
            }

            if (line.StartsWith("//", StringComparison.Ordinal))
            {
                return "";
            }

            if (!line.StartsWith("/*", StringComparison.Ordinal))
            {
                return line;
            }

            line = line[2..];
            inComment = true;
        }
    }

    private static SourceDirective? Parse(string text, string path, int line, ICollection<HandlerProblem> problems)
    {
        var space = text.AsSpan().IndexOfAny(' ', '\t');
        var (kind, value) = space < 0 ? (text, "") : (text[..space], text[(space + 1)..].Trim());
        switch (kind)
        {
            case "package":
                return ParsePackage(value, path, line, problems);
            case "project":
                return ParseProject(value, path, line, problems);
            case "sdk" when value.Split('@')[0] is "Microsoft.NET.Sdk" or "Microsoft.NET.Sdk.Web":
                // What a handler is compiled with anyway.
                return null;
            case "sdk":
                Refuse($"#:sdk {value} has no meaning in a handler file, which is compiled inside the server; remove the line");
                return null;
            case "property":
                Refuse($"#:property {value} has no meaning in a handler file, which has no project of its own; remove the line");
                return null;
            default:
                Refuse($"#:{kind} is not known; a handler file may say '#:package Name@Version' and '#:project path'");
                return null;
        }

        void Refuse(string message) => problems.Add(new HandlerProblem(path, line, 1, message));
    }

    private static SourceDirective? ParsePackage(string value, string path, int line, ICollection<HandlerProblem> problems)
    {
        var at = value.IndexOf('@', StringComparison.Ordinal);
        var (name, version) = at < 0 ? (value, "") : (value[..at].Trim(), value[(at + 1)..].Trim());
        if (!PackageName().IsMatch(name) || !PackageVersion().IsMatch(version))
        {
            problems.Add(new HandlerProblem(path, line, 1, $"'#:package {value}' should read '#:package Name@Version', as in '#:package Humanizer@2.14.1'"));
            return null;
        }

        return new SourceDirective(DirectiveKind.Package, name, version, path, line);
    }

    private static SourceDirective? ParseProject(string value, string path, int line, ICollection<HandlerProblem> problems)
    {
        if (value.Length == 0)
        {
            problems.Add(new HandlerProblem(path, line, 1, "'#:project' should name a project file or its folder"));
            return null;
        }

        var target = Path.GetFullPath(value.Replace('\\', '/'), Path.GetDirectoryName(path)!);
        if (Directory.Exists(target))
        {
            var projects = Directory.GetFiles(target, "*.csproj");
            if (projects.Length != 1)
            {
                problems.Add(new HandlerProblem(path, line, 1, $"'#:project {value}': {target} holds {projects.Length} project files; name one"));
                return null;
            }

            target = projects[0];
        }
        else if (!File.Exists(target) || !FileFacts.IsRegular(target))
        {
            problems.Add(new HandlerProblem(path, line, 1, $"'#:project {value}': there is no {target}"));
            return null;
        }

        return new SourceDirective(DirectiveKind.Project, target, "", path, line);
    }

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.\-]*\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PackageName();

    [GeneratedRegex(@"^[0-9A-Za-z.*+\-\[\](),]+\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PackageVersion();
}
