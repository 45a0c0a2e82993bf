using System.Net;
using System.Net.Http.Headers;

namespace Ducts.Server.Tests.Discovery;

public sealed class LibraryTests
{
    [Theory]
    [InlineData("ducts.js")]
    [InlineData("ducts.mjs")]
    public async Task The_browser_client_is_served(string file)
    {
        await using var host = await HttpHost.StartAsync();
        using var answer = await host.Client.GetAsync("/ducts/libs/" + file);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/javascript; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Contains("ducts", await answer.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.False(answer.Headers.ETag?.IsWeak);
    }

    [Fact]
    public async Task The_users_own_file_wins_over_the_browser_client()
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("libs/sub/ducts.js", "globalThis.ducts = { mine: true };");
        Assert.Equal("globalThis.ducts = { mine: true };", await host.Client.GetStringAsync("/ducts/libs/ducts.js"));
        Assert.StartsWith("globalThis.ducts = { mine: true };\n;", await host.Client.GetStringAsync("/ducts/main"), StringComparison.Ordinal);
        Assert.Contains("connect", await host.Client.GetStringAsync("/ducts/libs/ducts.mjs"), StringComparison.Ordinal);
        File.Delete(Path.Combine(host.Folder, "libs/sub/ducts.js"));
        Assert.Contains("Ducts client", await host.Client.GetStringAsync("/ducts/libs/ducts.js"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task A_client_that_takes_compressed_answers_gets_them_under_a_tag_of_their_own(string encoding)
    {
        await using var host = await HttpHost.StartAsync();
        using var plain = await host.Client.GetAsync("/ducts/libs/ducts.js");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ducts/libs/ducts.js");
        request.Headers.AcceptEncoding.Add(new(encoding));
        using var packed = await host.Client.SendAsync(request);
        Assert.Equal([encoding], packed.Content.Headers.ContentEncoding);
        Assert.Contains("Accept-Encoding", packed.Headers.Vary);
        Assert.NotEqual(plain.Headers.ETag, packed.Headers.ETag);
        await using var bytes = await packed.Content.ReadAsStreamAsync();
        await using Stream decoder = encoding == "br"
            ? new System.IO.Compression.BrotliStream(bytes, System.IO.Compression.CompressionMode.Decompress)
            : new System.IO.Compression.GZipStream(bytes, System.IO.Compression.CompressionMode.Decompress);
        using var reader = new StreamReader(decoder);
        Assert.Equal(await plain.Content.ReadAsStringAsync(), await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task A_known_tag_gets_304_without_a_body()
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("libs/a.js", "let a = 1;");
        using var first = await host.Client.GetAsync("/ducts/libs/a.js");
        using var again = await SendAsync(host, HttpMethod.Get, "/ducts/libs/a.js", first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(first.Headers.ETag, again.Headers.ETag);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync());
        using var other = await SendAsync(host, HttpMethod.Get, "/ducts/libs/a.js", new EntityTagHeaderValue("\"other\""));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_precompressed_library_is_served_as_such()
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("libs/sub/a.js", "let a = 1;");
        host.Write("libs/sub/a.js.br", "brotli");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ducts/libs/a.js");
        request.Headers.AcceptEncoding.Add(new("br"));
        using var packed = await host.Client.SendAsync(request);
        Assert.Equal("brotli", await packed.Content.ReadAsStringAsync());
        Assert.Equal("text/javascript; charset=utf-8", packed.Content.Headers.ContentType?.ToString());
        Assert.Equal(["br"], packed.Content.Headers.ContentEncoding);
        Assert.Contains("Accept-Encoding", packed.Headers.Vary);
        using var plain = await host.Client.GetAsync("/ducts/libs/a.js");
        Assert.Equal("let a = 1;", await plain.Content.ReadAsStringAsync());
        Assert.NotEqual(packed.Headers.ETag, plain.Headers.ETag);
        using var itself = await host.Client.GetAsync("/ducts/libs/a.js.br");
        Assert.Equal(HttpStatusCode.NotFound, itself.StatusCode);
    }

    [Fact]
    public async Task A_library_comes_in_ranges()
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("libs/a.js", "0123456789");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ducts/libs/a.js");
        request.Headers.Range = new RangeHeaderValue(2, 4);
        using var part = await host.Client.SendAsync(request);
        Assert.Equal((HttpStatusCode.PartialContent, "234"), (part.StatusCode, await part.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_change_on_disk_shows_at_the_next_request()
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("libs/a.js", "let a = 1;");
        using var first = await host.Client.GetAsync("/ducts/libs/a.js");
        for (var i = 2; i < 30; i++)
        {
            // Same length, most within one tick of the file system's clock.
            var text = $"let a = {i % 10};";
            host.Write("libs/a.js", text);
            Assert.Equal(text, await host.Client.GetStringAsync("/ducts/libs/a.js"));
        }

        host.Write("libs/new.css", "b{}");
        Assert.Equal("b{}", await host.Client.GetStringAsync("/ducts/libs/new.css"));
        File.Delete(Path.Combine(host.Folder, "libs/new.css"));
        using var gone = await host.Client.GetAsync("/ducts/libs/new.css");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Old_files_are_kept_and_still_noticed_when_they_change()
    {
        await using var host = await HttpHost.StartAsync();
        var file = host.Write("libs/sub/a.js", "old");
        var hourAgo = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1);
        File.SetLastWriteTimeUtc(file, hourAgo);
        Directory.SetLastWriteTimeUtc(Path.GetDirectoryName(file)!, hourAgo);
        Directory.SetLastWriteTimeUtc(Path.Combine(host.Folder, "libs"), hourAgo);
        Assert.Equal("old", await host.Client.GetStringAsync("/ducts/libs/a.js"));
        Assert.Equal("old", await host.Client.GetStringAsync("/ducts/libs/a.js"));
        File.WriteAllText(file, "new");
        Assert.Equal("new", await host.Client.GetStringAsync("/ducts/libs/a.js"));
        host.Write("libs/sub/b.js", "b");
        Assert.Equal("b", await host.Client.GetStringAsync("/ducts/libs/b.js"));
    }

    [Fact]
    public async Task Files_of_subfolders_are_found_by_base_name_and_the_less_deep_counts()
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("libs/a/deep/x.js", "deep");
        host.Write("libs/z/x.js", "less deep");
        host.Write("libs/a/deep/only.html", "only");
        Assert.Equal("less deep", await host.Client.GetStringAsync("/ducts/libs/x.js"));
        Assert.Equal("only", await host.Client.GetStringAsync("/ducts/libs/only.html"));
    }

    [Theory]
    [InlineData("secret.txt")]
    [InlineData(".hidden.js")]
    [InlineData("inner.js")]
    [InlineData("%2e%2e%2foutside.js")]
    [InlineData("..%2foutside.js")]
    [InlineData("..%5coutside.js")]
    [InlineData("sub%2fa.js")]
    [InlineData("*.js")]
    [InlineData("?.js")]
    [InlineData("a.js%00")]
    [InlineData("../outside.js")]
    public async Task Nothing_else_is_reached(string name)
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("outside.js", "outside");
        host.Write("libs/secret.txt", "secret");
        host.Write("libs/.hidden.js", "hidden");
        host.Write("libs/.git/inner.js", "inner");
        host.Write("libs/sub/a.js", "a");
        var answer = await RawHttp.GetAsync(host.Port, "/ducts/libs/" + name);
        Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HEAD_says_what_GET_would()
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("libs/a.js", "let a = 1;");
        using var head = await host.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/ducts/libs/a.js"));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(10, head.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task The_event_list_has_a_tag_that_changes_with_the_events()
    {
        await using var host = await HttpHost.StartAsync();
        using var first = await host.Client.GetAsync("/ducts/libs/events.json");
        Assert.Equal(
            """[{"id":0,"key":"ALIVE_MONITORING","callback":true,"responsive":false,"description":""},{"id":1000,"key":"MY_SAMPLE_TEST","callback":false,"responsive":false,"description":""}]""",
            await first.Content.ReadAsStringAsync());
        using var same = await SendAsync(host, HttpMethod.Get, "/ducts/libs/events.json", first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        host.Registry.Swap(new([new HandlerSpec(1000, "A") { Description = "Grüße" }.SetAsResponsive()], []));
        using var changed = await SendAsync(host, HttpMethod.Get, "/ducts/libs/events.json", first.Headers.ETag!);
        Assert.Equal("""[{"id":1000,"key":"A","callback":false,"responsive":true,"description":"Grüße"}]""", await changed.Content.ReadAsStringAsync());
    }

    private static Task<HttpResponseMessage> SendAsync(HttpHost host, HttpMethod method, string path, EntityTagHeaderValue known)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.IfNoneMatch.Add(known);
        return host.Client.SendAsync(request);
    }
}
