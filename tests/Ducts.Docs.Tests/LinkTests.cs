using Ducts.Docs.Markdown;

namespace Ducts.Docs;

public class LinkTests
{
    public static TheoryData<string> Documents => [.. Repository.Documents];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_relative_link_leads_to_a_file_and_a_heading_that_are_there(string path)
    {
        var document = MarkdownDocument.Read(path);
        Assert.All(document.Links.Where(static link => !Uri.TryCreate(link.Target, UriKind.Absolute, out _)), link =>
        {
            var parts = link.Target.Split('#', 2);
            var target = parts[0].Length == 0 ? path : Path.GetRelativePath(Repository.Root, Repository.Path(Path.GetDirectoryName(path)!, parts[0]));
            Assert.True(Path.Exists(Repository.Path(target)), $"{path}:{link.Line}: there is no {target}.");
            if (parts.Length == 2)
            {
                Assert.True(MarkdownDocument.Read(target).Anchors.Contains(parts[1]), $"{path}:{link.Line}: {target} has no heading #{parts[1]}.");
            }
        });
    }
}
