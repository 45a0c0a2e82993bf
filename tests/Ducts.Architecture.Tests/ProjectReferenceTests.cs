using System.Xml.Linq;

namespace Ducts.Architecture;

public class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Ducts.MessagePack"] = [],
        ["Ducts.Protocol"] = ["Ducts.MessagePack"],
        ["Ducts.Redis"] = [],
        ["Ducts.Server"] = ["Ducts.Protocol", "Ducts.Redis"],
        ["Ducts.Scripting"] = ["Ducts.Server"],
        ["Ducts.Blobs"] = ["Ducts.Server"],
        ["Ducts.Client"] = ["Ducts.Protocol"],
        ["Ducts.Cli"] = ["Ducts.Blobs", "Ducts.Client", "Ducts.Scripting"],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Fact]
    public void Every_project_below_src_is_known() =>
        Assert.Equal(
            Allowed.Keys.Order(StringComparer.Ordinal),
            Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(static folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_to_those_it_may_and_no_others(string project)
    {
        var references = Elements(project, "ProjectReference").Select(static include => Path.GetFileNameWithoutExtension(include));

        Assert.Equal(Allowed[project], references.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Roslyn_comes_with_scripting_only(string project)
    {
        var roslyn = Elements(project, "PackageReference").Any(static include => include.StartsWith("Microsoft.CodeAnalysis.CSharp", StringComparison.Ordinal));

        Assert.Equal(project == "Ducts.Scripting", roslyn);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_a_projects_own_tests_and_benchmarks_see_its_internals(string project)
    {
        // The protocol is an implementation detail that server and client share.
        string[] own = project == "Ducts.Protocol"
            ? ["Ducts.Server", "Ducts.Client", "Ducts.Server.Tests", "Ducts.Client.Tests", "Ducts.Benchmarks", "Ducts.Fuzz.Tests"]
            // The command lines that the documents print are parsed by the command itself.
            : project == "Ducts.Cli" ? ["Ducts.Cli.Tests", "Ducts.Docs.Tests"]
            : [$"{project}.Tests", "Ducts.Benchmarks", "Ducts.Fuzz.Tests"];

        Assert.All(Elements(project, "InternalsVisibleTo"), friend => Assert.Contains(friend, own));
    }

    private static IEnumerable<string> Elements(string project, string name) =>
        XDocument.Load(Path.Combine(Repository.Root, "src", project, project + ".csproj"))
            .Descendants(name)
            .Select(static element => element.Attribute("Include")!.Value);
}
