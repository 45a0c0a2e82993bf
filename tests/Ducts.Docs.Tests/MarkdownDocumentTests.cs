using Ducts.Docs.Markdown;

namespace Ducts.Docs;

public class MarkdownDocumentTests
{
    [Fact]
    public void Blocks_links_and_anchors_are_found_and_code_is_not_taken_for_them()
    {
        var document = MarkdownDocument.Parse("a.md", """
            # One `two`, three!
            See [this](b.md#x) and `[not](this)`.
            ## Again
            ## Again
               ```csharp handler
               [a](b)
                 deeper
               ```
            ````text
            ```
            ````
            """.Split('\n'));

        Assert.Equal(["one-two-three", "again", "again-1"], document.Anchors);
        Assert.Equal([(2, "b.md#x")], document.Links);
        Assert.Equal(
            [("a.md:5", "csharp", "handler", "[a](b)\n  deeper\n"), ("a.md:9", "text", "", "```\n")],
            document.Blocks.Select(static block => (block.Place, block.Language, string.Join(' ', block.Words), block.Text)));
    }
}
