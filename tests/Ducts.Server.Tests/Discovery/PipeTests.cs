using System.Diagnostics;
using System.Net;
using Ducts.Configuration;

namespace Ducts.Server.Tests.Discovery;

/// <summary>Pipes where files are expected: to open one is to wait for whoever writes to it.</summary>
public sealed class PipeTests
{
    // A request that opened one would never end.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("/static/pipe.txt")]
    [InlineData("/static/linked.txt")]
    [InlineData("/static/pages/index.html")]
    [InlineData("/ducts/libs/pipe.js")]
    [InlineData("/ducts/libs/deep.js")]
    public async Task A_pipe_is_no_file_that_is_served(string path)
    {
        await using var host = await StartAsync();

        using var answer = await host.Client.GetAsync(path).WaitAsync(Patience);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.DoesNotContain(host.Log, static line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pipe_is_in_no_listing_and_is_no_compressed_variant()
    {
        await using var host = await StartAsync();
        Make(Path.Combine(host.Folder, "htdocs/plain.txt.gz"));
        Make(Path.Combine(host.Folder, "libs/plain.js.gz"));

        var listing = await host.Client.GetStringAsync("/static/").WaitAsync(Patience);
        Assert.Contains("plain.txt", listing, StringComparison.Ordinal);
        Assert.DoesNotContain("pipe.txt", listing, StringComparison.Ordinal);
        foreach (var path in new[] { "/static/plain.txt", "/ducts/libs/plain.js" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.AcceptEncoding.Add(new("gzip"));
            using var answer = await host.Client.SendAsync(request).WaitAsync(Patience);
            Assert.Equal("plain", await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_pipe_is_no_configuration()
    {
        var folder = Directory.CreateTempSubdirectory("ducts-pipe-").FullName;
        try
        {
            var path = Path.Combine(folder, "ducts.ini");
            Make(path);

            var result = await Task.Run(() => DuctsConfiguration.Load([path], "server", [])).WaitAsync(Patience);

            Assert.Equal($"{path}: is no regular file, but a pipe, a socket or a device: expected an INI file", Assert.Single(result.Problems).ToString());
            Assert.EndsWith("expected an INI file", Assert.Single(DuctsConfiguration.Load(["/dev/zero"], "server", []).Problems).ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<HttpHost> StartAsync()
    {
        var host = await HttpHost.StartAsync(static options => options.Server.StaticShowIndex = true);
        host.Write("htdocs/plain.txt", "plain");
        host.Write("libs/plain.js", "plain");
        Directory.CreateDirectory(Path.Combine(host.Folder, "htdocs/pages"));
        Directory.CreateDirectory(Path.Combine(host.Folder, "libs/sub"));
        foreach (var pipe in new[] { "htdocs/pipe.txt", "htdocs/pages/index.html", "libs/pipe.js", "libs/sub/deep.js" })
            Make(Path.Combine(host.Folder, pipe));
        File.CreateSymbolicLink(Path.Combine(host.Folder, "htdocs/linked.txt"), "pipe.txt");
        return host;
    }

    private static void Make(string path)
    {
        using var made = Process.Start("mkfifo", [path]);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
    }
}
