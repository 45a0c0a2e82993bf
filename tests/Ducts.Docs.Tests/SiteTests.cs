using System.Text.Json;
using Ducts.Docs.Markdown;

namespace Ducts.Docs;

public class SiteTests
{
    [Fact]
    public void The_reference_covers_every_project_that_is_packed()
    {
        using var site = JsonDocument.Parse(File.ReadAllText(Repository.Path("docfx.json")));
        var listed = site.RootElement.GetProperty("metadata")[0].GetProperty("src")[0].GetProperty("files").EnumerateArray()
            .Select(static file => file.GetString()!.Split('/')[0]);
        var packed = Directory.GetDirectories(Repository.Path("src")).Select(static folder => Path.GetFileName(folder)!);

        Assert.Equal(packed.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_readme_is_short_and_names_both_commands()
    {
        Assert.True(MarkdownDocument.Read("README.md").LineCount < 150);
        var text = File.ReadAllText(Repository.Path("README.md"));
        Assert.All(["./run", "./test"], command => Assert.Contains(command, text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_table_of_contents_has_every_guide()
    {
        var contents = File.ReadAllText(Repository.Path("toc.yml"));
        Assert.All(
            Directory.GetFiles(Repository.Path("docs", "guide"), "*.md").Select(static file => $"href: docs/guide/{Path.GetFileName(file)}"),
            entry => Assert.Contains(entry, contents, StringComparison.Ordinal));
    }
}
