using System.Text.RegularExpressions;

namespace Ducts.Docs.Markdown;

/// <summary>What the tests look at in a document: its blocks of code, its links, the anchors of its headings.</summary>
internal sealed partial class MarkdownDocument
{
    private MarkdownDocument(IReadOnlyList<CodeBlock> blocks, IReadOnlyList<(int Line, string Target)> links, IReadOnlyList<string> anchors, int lines)
    {
        Blocks = blocks;
        Links = links;
        Anchors = anchors;
        LineCount = lines;
    }

    public IReadOnlyList<CodeBlock> Blocks { get; }

    public IReadOnlyList<(int Line, string Target)> Links { get; }

    public IReadOnlyList<string> Anchors { get; }

    public int LineCount { get; }

    public static MarkdownDocument Read(string path) => Parse(path, File.ReadAllLines(Repository.Path(path)));

    public static MarkdownDocument Parse(string path, IReadOnlyList<string> lines)
    {
        var blocks = new List<CodeBlock>();
        var links = new List<(int, string)>();
        var anchors = new List<string>();
        for (var at = 0; at < lines.Count; at++)
        {
            if (Fence().Match(lines[at]) is { Success: true } fence)
            {
                var start = at;
                var indent = fence.Groups["indent"].Length;
                var ticks = fence.Groups["ticks"].Value;
                var text = new List<string>();
                while (++at < lines.Count && lines[at].Trim() != ticks)
                {
                    text.Add(lines[at][Math.Min(indent, lines[at].Length - lines[at].TrimStart().Length)..]);
                }

                Assert.True(at < lines.Count, $"{path}:{start + 1}: the block has no end.");
                var info = fence.Groups["info"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                blocks.Add(new CodeBlock(path, start + 1, info.FirstOrDefault(""), info[Math.Min(1, info.Length)..], string.Join('\n', text) + "\n"));
                continue;
            }

            if (Heading().Match(lines[at]) is { Success: true } heading)
            {
                anchors.Add(AnchorOf(heading.Groups[1].Value, anchors));
            }

            var line = at + 1;
            links.AddRange(Link().Matches(Code().Replace(lines[at], "``")).Select(link => (line, link.Groups[1].Value)));
        }

        return new MarkdownDocument(blocks, links, anchors, lines.Count);
    }

    // As GitHub makes them: lower case, punctuation gone, blanks to hyphens, and a number for one that is there already.
    private static string AnchorOf(string heading, List<string> taken)
    {
        var anchor = NoAnchor().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');
        var same = taken.Count(known => known == anchor || (known.StartsWith(anchor + "-", StringComparison.Ordinal) && int.TryParse(known[(anchor.Length + 1)..], out _)));
        return same == 0 ? anchor : $"{anchor}-{same}";
    }

    [GeneratedRegex(@"^(?<indent> *)(?<ticks>`{3,})(?<info>[^`]*)$")]
    private static partial Regex Fence();

    [GeneratedRegex("^#{1,6} (.+)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex Code();

    [GeneratedRegex(@"[^\p{L}\p{Nd}_ -]")]
    private static partial Regex NoAnchor();
}
