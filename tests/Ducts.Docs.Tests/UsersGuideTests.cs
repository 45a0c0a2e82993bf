namespace Ducts.Docs;

/// <summary>The guide "Users and rights". Its samples run in Ducts.Samples.Tests and Ducts.EndToEnd.Tests.</summary>
public class UsersGuideTests
{
    private const string Samples = "samples/users";

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Repository.Path(Samples), "*", SearchOption.AllDirectories)
            .Where(static path => Path.GetExtension(path) is ".cs" or ".html")
            .Select(static path => Path.GetRelativePath(Repository.Path(Samples), path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_guide_shows_each_file_of_the_samples_as_it_is(string file) =>
        Assert.Contains($"\n{Read($"{Samples}/{file}")}```\n", Read("docs/guide/users.md"), StringComparison.Ordinal);

    [Fact]
    public void The_guide_shows_the_keys_of_the_sample_as_they_are()
    {
        var configuration = Read($"{Samples}/api-key/config_server.ini");

        Assert.Contains($"```ini\n{configuration[configuration.IndexOf("[api_keys_config]", StringComparison.Ordinal)..]}```\n", Read("docs/guide/users.md"), StringComparison.Ordinal);
    }

    private static string Read(string path) => File.ReadAllText(Repository.Path(path));
}
