using System.Net;
using System.Net.Sockets;

namespace Ducts.Server.Tests.Discovery;

/// <summary>Links in the folders that are served, and paths that are no file's.</summary>
public sealed class LinkTests
{
    [Theory]
    [InlineData("/static/file.txt")]
    [InlineData("/static/folder/secret.txt")]
    [InlineData("/static/relative.txt")]
    [InlineData("/static/twice.txt")]
    [InlineData("/static/circle.txt")]
    [InlineData("/static/dead.txt")]
    [InlineData("/static/hidden.txt")]
    [InlineData("/static/page/")]
    [InlineData("/static/sub/up/secret.txt")]
    public async Task A_link_does_not_lead_out_of_the_static_folder(string path)
    {
        await using var host = await StartAsync();

        using var answer = await host.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_within_the_folder_is_followed_and_the_folder_may_be_a_link_itself()
    {
        await using var host = await StartAsync(static options => options.Server.LocalPathStatic = "current");
        Directory.CreateSymbolicLink(Path.Combine(host.Folder, "current"), Path.Combine(host.Folder, "htdocs"));

        Assert.Equal("inside", await host.Client.GetStringAsync("/static/inside.txt"));
        Assert.Equal("inside", await host.Client.GetStringAsync("/static/also.txt"));
        Assert.Equal("inside", await host.Client.GetStringAsync("/static/way/inside.txt"));
        using var secret = await host.Client.GetAsync("/static/file.txt");
        Assert.Equal(HttpStatusCode.NotFound, secret.StatusCode);
    }

    [Fact]
    public async Task A_listing_and_a_compressed_variant_do_not_lead_out_either()
    {
        await using var host = await StartAsync(static options => options.Server.StaticShowIndex = true);
        File.CreateSymbolicLink(Path.Combine(host.Folder, "htdocs", "sub", "deep.txt.br"), Path.Combine(host.Folder, "secret.txt"));

        var listing = await host.Client.GetStringAsync("/static/");
        Assert.Contains("also.txt", listing, StringComparison.Ordinal);
        Assert.DoesNotContain("file.txt", listing, StringComparison.Ordinal);
        Assert.DoesNotContain("folder", listing, StringComparison.Ordinal);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/static/sub/deep.txt");
        request.Headers.AcceptEncoding.Add(new("br"));
        using var answer = await host.Client.SendAsync(request);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
        Assert.Equal("deep", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_link_does_not_lead_out_of_the_libraries()
    {
        await using var host = await StartAsync();
        host.Write("outside.js", "secret");
        host.Write("libs/sub/own.js", "own");
        host.Write("libs/plain.js", "plain");
        File.CreateSymbolicLink(Path.Combine(host.Folder, "libs", "outside.js"), "../outside.js");
        File.CreateSymbolicLink(Path.Combine(host.Folder, "libs", "alias.js"), "sub/own.js");
        File.CreateSymbolicLink(Path.Combine(host.Folder, "libs", "plain.js.br"), Path.Combine(host.Folder, "outside.js"));

        using var outside = await host.Client.GetAsync("/ducts/libs/outside.js");
        Assert.Equal(HttpStatusCode.NotFound, outside.StatusCode);
        Assert.Equal("own", await host.Client.GetStringAsync("/ducts/libs/alias.js"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ducts/libs/plain.js");
        request.Headers.AcceptEncoding.Add(new("br"));
        using var packed = await host.Client.SendAsync(request);
        Assert.Equal("plain", await packed.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("inside.txt/")]
    [InlineData("inside.txt/x")]
    [InlineData("inside.txt//")]
    [InlineData("inside.txt/index.html")]
    [InlineData("none.txt/")]
    [InlineData("inside.txt%2f")]
    [InlineData("inside.txt%00")]
    [InlineData("%00/")]
    [InlineData("sub/%2e%2e%2f")]
    [InlineData("%ff%fe.txt")]
    [InlineData("socket")]
    public async Task What_is_no_file_is_404_and_never_500(string path)
    {
        await using var host = await StartAsync(static options => options.Server.StaticShowIndex = true);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(host.Folder, "htdocs", "socket")));

        var answer = await RawHttp.GetAsync(host.Port, "/static/" + path);

        Assert.True(answer.StartsWith("HTTP/1.1 404", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal), answer);
        Assert.DoesNotContain(host.Log, static line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/static/")]
    [InlineData("/ducts/libs/")]
    public async Task A_name_beyond_what_the_file_system_has_is_404(string root)
    {
        await using var host = await StartAsync();
        foreach (var name in new[] { new string('a', 300), new string('b', 5000), string.Join('/', Enumerable.Repeat("c", 2000)) })
        {
            var answer = await RawHttp.GetAsync(host.Port, $"{root}{name}.js");
            Assert.StartsWith("HTTP/1.1 404", answer, StringComparison.Ordinal);
        }
    }

    private static async Task<HttpHost> StartAsync(Action<DuctsOptions>? configure = null)
    {
        var host = await HttpHost.StartAsync(configure);
        host.Write("secret.txt", "secret");
        host.Write("outside/secret.txt", "secret");
        host.Write("outside/index.html", "secret");
        host.Write("htdocs/inside.txt", "inside");
        host.Write("htdocs/sub/deep.txt", "deep");
        host.Write("htdocs/.git/config", "secret");
        Link("file.txt", Path.Combine(host.Folder, "secret.txt"));
        Link("folder", Path.Combine(host.Folder, "outside"));
        Link("page", "../outside");
        Link("relative.txt", "../secret.txt");
        Link("twice.txt", "file.txt");
        Link("circle.txt", "circle.txt");
        Link("dead.txt", "/nowhere/at/all");
        Link("hidden.txt", ".git/config");
        Link("sub/up", "../..");
        Link("also.txt", "inside.txt");
        Link("way", "sub/..");
        return host;

        void Link(string path, string target) => File.CreateSymbolicLink(Path.Combine(host.Folder, "htdocs", path), target);
    }
}
