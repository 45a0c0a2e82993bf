using System.Net;
using System.Net.Sockets;
using Ducts.Docs.Blocks;
using Ducts.Docs.Markdown;

namespace Ducts.Docs;

/// <summary>
/// The guide "Users and rights" as its reader follows it. Its samples run in a browser in Ducts.Samples.Tests and
/// Ducts.EndToEnd.Tests.
/// </summary>
public sealed class UsersGuideTests : IDisposable
{
    private const string Guide = "docs/guide/users.md";
    private const string Samples = "samples/users";

    private readonly string _folder = Directory.CreateTempSubdirectory("ducts-guide-").FullName;
    private readonly IReadOnlyList<CodeBlock> _blocks = MarkdownDocument.Read(Guide).Blocks;

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Repository.Path(Samples), "*", SearchOption.AllDirectories)
            .Where(static path => Path.GetExtension(path) is ".cs" or ".html")
            .Select(static path => Path.GetRelativePath(Repository.Path(Samples), path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Files))]
    public void It_shows_each_file_of_the_samples_as_it_is(string file) =>
        Assert.Contains(_blocks, block => block.Text == Read($"{Samples}/{file}"));

    [Fact]
    public void It_shows_the_keys_of_the_sample_as_they_are() =>
        Assert.EndsWith($"\n{Block("[api_keys_config]").Text}", Read($"{Samples}/api-key/config_server.ini"), StringComparison.Ordinal);

    [Fact]
    public async Task The_commands_with_tokens_give_what_it_says()
    {
        await RunAsync(Block("ducts new tokens").Text, _folder);
        var home = Path.Combine(_folder, "tokens");
        foreach (var file in new[] { "handler/evt_1000_hello.cs", "handler/evt_1002_sign_out.cs" })
        {
            await File.WriteAllTextAsync(Path.Combine(home, file), Block($"// {file}").Text);
        }

        var said = await RunServerAsync(Block("export DUCTS_AUTH__SIGNING_KEY").Text + Block("export DUCTS_TOKEN").Text, home);

        Assert.Contains("\"Hello, ada!\"\n", said, StringComparison.Ordinal);
        Assert.Contains("\n0\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_commands_with_a_key_give_what_it_says()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "tokens"));
        await RunAsync(Block("ducts new keys").Text, Path.Combine(_folder, "tokens"));
        var home = Path.Combine(_folder, "keys");
        foreach (var file in new[] { "handler/startup.cs", "handler/evt_1002_paid.cs" })
        {
            await File.WriteAllTextAsync(Path.Combine(home, file), Block($"// {file}").Text);
        }

        var keys = Block("[api_keys_config]").Text;
        await File.AppendAllTextAsync(Path.Combine(home, "config_server.ini"), keys);
        Assert.Contains($"\"{(await RunAsync(Block("sha256sum").Text, home)).Split(' ')[0]}\"", keys, StringComparison.Ordinal);

        var said = await RunServerAsync(Block("ducts call PAID").Text + "ducts server stop\n", home);

        Assert.Contains("\"invoice 7 is paid, says billing\"\n", said, StringComparison.Ordinal);
    }

    private static string Read(string path) => File.ReadAllText(Repository.Path(path));

    private CodeBlock Block(string text) => _blocks.First(block => block.Text.Contains(text, StringComparison.Ordinal));

    private async Task<string> RunServerAsync(string commands, string home)
    {
        try
        {
            return await RunAsync(commands, home);
        }
        catch
        {
            await Programs.RunAsync("ducts", ["server", "stop"], home);
            throw;
        }
    }

    private static async Task<string> RunAsync(string commands, string folder)
    {
        var environment = new Dictionary<string, string>
        {
            ["DUCTS_SERVER__HTTPD_PORT"] = $"{FreePort()}",
            ["DUCTS_SERVER__HTTPD_ADDR"] = "127.0.0.1",
            ["DUCTS_REDIS__REDIS_EMBEDDED"] = "always",
        };
        var (exitCode, output) = await Programs.RunAsync("bash", ["-euo", "pipefail", "-c", commands], folder, environment);
        Assert.True(exitCode == 0, $"{commands}\n{output}");
        return output;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
