using System.Net;
using System.Net.Http.Headers;

namespace Ducts.Server.Tests.Discovery;

public sealed class StaticFileTests
{
    [Fact]
    public async Task A_missing_folder_is_404_until_it_comes_into_being()
    {
        await using var host = await HttpHost.StartAsync();
        using var missing = await host.Client.GetAsync("/static/a.txt");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        host.Write("htdocs/a.txt", "now");
        Assert.Equal("now", await host.Client.GetStringAsync("/static/a.txt"));
    }

    [Fact]
    public async Task Files_come_with_type_tag_and_ranges()
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("htdocs/sub/a.html", "0123456789");
        using var whole = await host.Client.GetAsync("/static/sub/a.html");
        Assert.Equal("text/html; charset=utf-8", whole.Content.Headers.ContentType?.ToString());
        Assert.Equal("nosniff", whole.Headers.GetValues("X-Content-Type-Options").Single());

        using var request = new HttpRequestMessage(HttpMethod.Get, "/static/sub/a.html");
        request.Headers.Range = new RangeHeaderValue(2, 4);
        using var part = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal("234", await part.Content.ReadAsStringAsync());

        using var known = new HttpRequestMessage(HttpMethod.Get, "/static/sub/a.html");
        known.Headers.IfNoneMatch.Add(whole.Headers.ETag!);
        using var same = await host.Client.SendAsync(known);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);

        using var head = await host.Client.SendAsync(new(HttpMethod.Head, "/static/sub/a.html"));
        Assert.Equal(10, head.Content.Headers.ContentLength);
        using var post = await host.Client.PostAsync("/static/sub/a.html", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    [Fact]
    public async Task A_folder_shows_its_index_and_is_listed_only_where_the_option_says_so()
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("htdocs/index.html", "<p>index");
        host.Write("htdocs/bare/a.txt", "a");
        Assert.Equal("<p>index", await host.Client.GetStringAsync("/static/"));
        using var slash = await host.Client.GetAsync("/static");
        Assert.Equal(HttpStatusCode.MovedPermanently, slash.StatusCode);
        using var bare = await host.Client.GetAsync("/static/bare/");
        Assert.Equal(HttpStatusCode.NotFound, bare.StatusCode);

        await using var open = await HttpHost.StartAsync(options => options.Server.StaticShowIndex = true);
        open.Write("htdocs/bare/a<b>.txt", "a");
        open.Write("htdocs/bare/.secret", "s");
        var listing = await open.Client.GetStringAsync("/static/bare/");
        Assert.Contains("a&lt;b&gt;.txt", listing, StringComparison.Ordinal);
        Assert.DoesNotContain(".secret", listing, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("br, gzip", "br", "brotli")]
    [InlineData("gzip;q=1.0, br;q=0", "gzip", "gzipped")]
    [InlineData("*", "br", "brotli")]
    [InlineData("identity", null, "let plain;")]
    [InlineData("br;q=0, *;q=0", null, "let plain;")]
    [InlineData(null, null, "let plain;")]
    public async Task A_precompressed_file_is_served_to_those_who_accept_it(string? accepted, string? coding, string content)
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("htdocs/sub/app.js", "let plain;");
        host.Write("htdocs/sub/app.js.br", "brotli");
        host.Write("htdocs/sub/app.js.gz", "gzipped");
        using var answer = await GetAsync(host, "/static/sub/app.js", accepted);
        Assert.Equal(content, await answer.Content.ReadAsStringAsync());
        Assert.Equal(coding is null ? [] : [coding], answer.Content.Headers.ContentEncoding);
        Assert.Equal("text/javascript; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(["Accept-Encoding"], answer.Headers.Vary);
        Assert.Equal(content.Length, answer.Content.Headers.ContentLength);

        using var again = await GetAsync(host, "/static/sub/app.js", accepted, answer.Headers.ETag);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(["Accept-Encoding"], again.Headers.Vary);
        using var other = await GetAsync(host, "/static/sub/app.js", coding == "gzip" ? "br" : "gzip", answer.Headers.ETag);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Ranges_of_a_precompressed_file_are_those_of_what_is_sent()
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("htdocs/index.html", "<p>index");
        host.Write("htdocs/index.html.br", "brotli");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/static/");
        request.Headers.Add("Accept-Encoding", "br");
        request.Headers.Range = new RangeHeaderValue(1, 3);
        using var part = await host.Client.SendAsync(request);
        Assert.Equal((HttpStatusCode.PartialContent, "rot"), (part.StatusCode, await part.Content.ReadAsStringAsync()));
        Assert.Equal("text/html; charset=utf-8", part.Content.Headers.ContentType?.ToString());
        Assert.Equal(["br"], part.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task A_precompressed_file_older_than_its_original_is_not_served_and_by_its_own_name_it_is_a_file()
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("htdocs/app.js", "edited");
        File.SetLastWriteTimeUtc(host.Write("htdocs/app.js.br", "old"), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1));
        using var answer = await GetAsync(host, "/static/app.js", "br");
        Assert.Equal("edited", await answer.Content.ReadAsStringAsync());
        Assert.Empty(answer.Content.Headers.ContentEncoding);

        using var direct = await GetAsync(host, "/static/app.js.br", "br");
        Assert.Equal("old", await direct.Content.ReadAsStringAsync());
        Assert.Empty(direct.Content.Headers.ContentEncoding);
        Assert.Equal("application/octet-stream", direct.Content.Headers.ContentType?.ToString());
    }

    [Theory]
    [InlineData("../secret.txt")]
    [InlineData("..%2fsecret.txt")]
    [InlineData("%2e%2e/secret.txt")]
    [InlineData("%2e%2e%2fsecret.txt")]
    [InlineData("..%5csecret.txt")]
    [InlineData("sub/../../secret.txt")]
    [InlineData("....//secret.txt")]
    [InlineData("%252e%252e%252fsecret.txt")]
    [InlineData("/etc/passwd")]
    [InlineData("%2fetc%2fpasswd")]
    [InlineData(".env")]
    [InlineData(".git/config")]
    [InlineData("sub/.git/config")]
    [InlineData("a.txt%00")]
    public async Task Nothing_outside_and_no_dotfile_is_reached(string path)
    {
        await using var host = await HttpHost.StartAsync();
        host.Write("secret.txt", "secret");
        host.Write("htdocs/a.txt", "a");
        host.Write("htdocs/.env", "secret");
        host.Write("htdocs/.git/config", "secret");
        host.Write("htdocs/sub/.git/config", "secret");
        var answer = await RawHttp.GetAsync(host.Port, "/static/" + path);
        Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
        Assert.False(answer.EndsWith("secret", StringComparison.Ordinal));
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_static_root_may_be_the_root()
    {
        await using var host = await HttpHost.StartAsync(options => options.Server.RootPathStatic = "/");
        host.Write("htdocs/index.html", "<p>index");
        Assert.Equal("<p>index", await host.Client.GetStringAsync("/"));
        Assert.Contains("EVENT", await host.Client.GetStringAsync("/ducts/wsd?uuid=1"), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> GetAsync(HttpHost host, string path, string? accepted, EntityTagHeaderValue? known = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accepted is not null)
        {
            request.Headers.Add("Accept-Encoding", accepted);
        }

        if (known is not null)
        {
            request.Headers.IfNoneMatch.Add(known);
        }

        return host.Client.SendAsync(request);
    }
}
