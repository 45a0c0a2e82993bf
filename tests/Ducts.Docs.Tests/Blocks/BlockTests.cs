using System.Text.Json;
using System.Text.RegularExpressions;
using Ducts.Configuration;
using Ducts.Docs.Markdown;

namespace Ducts.Docs.Blocks;

/// <summary>
/// Every block of code in the documents is checked by what reads it in earnest: the compiler, Node.js, the shell and the command
/// line, the INI reader. A block that nothing can check says <c>text</c> behind its fence.
/// </summary>
public sealed partial class BlockTests : IDisposable
{
    // Checked by a real nginx in Ducts.Server.Tests and Ducts.Live.Tests, which read the guide.
    private const string NginxGuide = "docs/guide/behind-nginx.md";

    private static readonly IReadOnlyList<CodeBlock> All = [.. Repository.Documents.SelectMany(static path => MarkdownDocument.Read(path).Blocks)];

    private readonly string _folder = Directory.CreateTempSubdirectory("ducts-docs-").FullName;

    public static TheoryData<string> CSharpBlocks => Places("csharp");

    public static TheoryData<string> ScriptBlocks => Places("javascript", "html");

    public static TheoryData<string> ShellBlocks => Places("sh", "console", "dockerfile", "systemd");

    public static TheoryData<string> DataBlocks => Places("ini", "json", "nginx");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_block_is_of_a_kind_that_is_checked_or_says_that_it_is_text()
    {
        string[] known = ["csharp", "javascript", "html", "sh", "console", "dockerfile", "systemd", "ini", "json", "nginx", "text"];
        Assert.All(All, block => Assert.True(known.Contains(block.Language), $"{block.Place}: nothing checks '{block.Language}'. Use one of {string.Join(", ", known)}."));
    }

    [Theory]
    [MemberData(nameof(CSharpBlocks))]
    public void A_CSharp_block_compiles_without_warnings(string place)
    {
        var block = At(place);
        var before = All.Where(other => other.Document == block.Document && other.Line < block.Line && other.Language == "csharp");

        var complaints = CSharpSample.Of(block).Compile(before.Select(CSharpSample.Of));

        Assert.True(complaints.Count == 0, string.Join('\n', complaints));
    }

    [Theory]
    [MemberData(nameof(ScriptBlocks))]
    public async Task A_script_is_one_that_a_browser_parses(string place)
    {
        var block = At(place);
        // A page's own scripts; one that brings its code from elsewhere is empty. Scripts of pages are no modules.
        IEnumerable<(string Text, string Kind)> scripts = block.Language == "html"
            ? ScriptElement().Matches(block.Text).Select(static script => (script.Groups["text"].Value, script.Groups["head"].Value.Contains("module", StringComparison.Ordinal) ? "mjs" : "cjs"))
            : [(block.Text, "mjs")];
        foreach (var (text, kind) in scripts)
        {
            var file = Path.Combine(_folder, "script." + kind);
            await File.WriteAllTextAsync(file, text);
            var (exitCode, output) = await Programs.RunAsync("node", ["--check", file]);
            Assert.True(exitCode == 0, $"{place}: {output}");
        }
    }

    [Theory]
    [MemberData(nameof(ShellBlocks))]
    public async Task A_shell_block_names_commands_that_exist_and_runs_where_that_is_safe(string place)
    {
        var block = At(place);
        var isSession = block.Language == "console";
        var text = block.Language switch
        {
            "dockerfile" => string.Join(' ', JsonSerializer.Deserialize<string[]>(Entry().Match(block.Text).Groups[1].Value)!),
            "systemd" => Started().Match(block.Text).Groups[1].Value,
            _ => block.Text,
        };
        var commands = CommandLines.Split(text, isSession);
        Assert.NotEmpty(commands);
        Assert.All(commands, static command => Assert.Null(CommandLines.FindFault(command)));

        var script = Path.Combine(_folder, "block.sh");
        var isSafe = IsSafe(block);
        // A guide is read from the top: what its blocks before made is there.
        var before = isSafe ? All.Where(other => other.Document == block.Document && other.Line < block.Line && IsSafe(other)) : [];
        await File.WriteAllLinesAsync(script, before.SelectMany(static other => CommandLines.Commands(other.Text)).Concat(CommandLines.Commands(text, isSession)));
        var (exitCode, output) = await Programs.RunAsync("bash", isSafe ? ["-euo", "pipefail", script] : ["-n", script], _folder);
        Assert.True(exitCode == 0, $"{place}: {output}");
    }

    [Theory]
    [MemberData(nameof(DataBlocks))]
    public void A_data_block_is_read_without_problems(string place)
    {
        var block = At(place);
        switch (block.Language)
        {
            case "json" when block.Has("lines"):
                Assert.All(block.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries), static line => JsonDocument.Parse(line).Dispose());
                break;
            case "json":
                using (var document = JsonDocument.Parse(block.Text))
                {
                    if (document.RootElement.TryGetProperty("Ducts", out _))
                    {
                        Assert.Null(Record.Exception(() => ApplicationSettings.Read(block.Text)));
                    }
                }

                break;
            case "ini":
                // A part of a file says which section it is of behind its fence.
                var file = Path.Combine(_folder, "config_server.ini");
                File.WriteAllText(file, block.Text.Contains('[', StringComparison.Ordinal) && block.Words.Count == 0 ? block.Text : $"[{Assert.Single(block.Words)}]\n{block.Text}");
                Assert.Empty(DuctsConfiguration.Load([file], "server", []).Problems);
                break;
            default:
                Assert.Equal(NginxGuide, block.Document);
                break;
        }
    }

    private static bool IsSafe(CodeBlock block) => block.Language == "sh" && CommandLines.Split(block.Text).All(CommandLines.IsSafe);

    private static CodeBlock At(string place) => All.Single(block => block.Place == place);

    private static TheoryData<string> Places(params string[] languages) => [.. All.Where(block => languages.Contains(block.Language)).Select(static block => block.Place)];

    [GeneratedRegex("<script(?<head>[^>]*)>(?<text>.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex ScriptElement();

    [GeneratedRegex("^ENTRYPOINT (.*)$", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex("^ExecStart=/usr/local/bin/(.*)$", RegexOptions.Multiline)]
    private static partial Regex Started();
}
