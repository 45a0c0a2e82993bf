using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Ducts.Blobs.Storage;
using Ducts.Blobs.Tests.Support;
using Ducts.Client;

namespace Ducts.Blobs.Tests.Web;

public sealed class BlobWebApiTests(BlobFixture fixture)
{
    private const string Text = "0123456789";
    private const string Date = "Thu, 24 Jun 2021 02:00:00 GMT";
    private const string Earlier = "Thu, 24 Jun 2021 01:59:59 GMT";
    private const string Later = "Thu, 24 Jun 2021 02:00:01 GMT";

    private static readonly string Tag = $"\"{BlobKeys.Hash(Text)}\"";

    private readonly DuctsClient _client = fixture.Client;
    private readonly HttpClient _http = fixture.Http;

    [Fact]
    public async Task The_whole_content_comes_with_all_that_a_client_needs_to_ask_again()
    {
        var group = await AddAsync();

        foreach (var path in (string[])[$"blob/{group.Name}/a.mp4", $"{group.Key}/a.mp4/blob", $"blob/{group.Name}/{BlobKeys.Hash("a.mp4")}/latest"])
        {
            using var answer = await _http.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(Text, await answer.Content.ReadAsStringAsync());
            Assert.Equal(("video/mp4", 10L), (answer.Content.Headers.ContentType?.ToString(), answer.Content.Headers.ContentLength));
            Assert.Equal((Tag, "bytes", Date), (answer.Headers.ETag?.ToString(), answer.Headers.AcceptRanges.ToString(), answer.Content.Headers.LastModified?.ToString("R")));

            using var head = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path) { Headers = { { "Range", "bytes=0-1" } } });
            Assert.Equal((HttpStatusCode.OK, 10L, Tag), (head.StatusCode, head.Content.Headers.ContentLength, head.Headers.ETag?.ToString()));
        }
    }

    // The handlers say that their Web APIs are tested, so that no start looks for those that cannot be called.
    [Theory]
    [MemberData(nameof(WebApis))]
    public async Task Each_web_api_can_be_called(string method, string path)
    {
        using var answer = await _http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path.TrimStart('/').Replace("{**path}", "file", StringComparison.Ordinal)));

        // A method that cannot be bound would be an internal error.
        Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.NotFound]);
        Assert.NotEqual("", await answer.Content.ReadAsStringAsync());
    }

    public static TheoryData<string, string> WebApis() =>
        [.. BlobsHandlerSource.All.Concat(BlobsHandlerSource.Reading).Distinct()
            .SelectMany(static type => type.GetMethods())
            .SelectMany(static method => method.GetCustomAttributes<WebApiAttribute>())
            .Select(static api => (api.Method, api.Path))
            .Distinct()];

    [Theory]
    [InlineData("bytes=0-3", 206, "bytes 0-3/10", "0123")]
    [InlineData("bytes=0-0", 206, "bytes 0-0/10", "0")]
    [InlineData("bytes=7-", 206, "bytes 7-9/10", "789")]
    [InlineData("bytes=-3", 206, "bytes 7-9/10", "789")]
    [InlineData("bytes=-30", 206, "bytes 0-9/10", Text)]
    [InlineData("bytes=5-500", 206, "bytes 5-9/10", "56789")]
    [InlineData("bytes=0-9223372036854775807", 206, "bytes 0-9/10", Text)]
    [InlineData("bytes=10-", 416, "bytes */10", null)]
    [InlineData("bytes=10-20,30-", 416, "bytes */10", null)]
    [InlineData("bytes=-0", 416, "bytes */10", null)]
    [InlineData("bytes=2-3,20-30", 206, "bytes 2-3/10", "23")]
    [InlineData("bytes=3-2", 200, null, Text)]
    [InlineData("bytes=", 200, null, Text)]
    [InlineData("bytes=a-b", 200, null, Text)]
    [InlineData("items=0-3", 200, null, Text)]
    [InlineData("nonsense", 200, null, Text)]
    [InlineData("bytes=0-8,1-9", 200, null, Text)]
    public async Task A_range_is_answered_as_the_table_says(string range, int status, string? contentRange, string? body)
    {
        var group = await AddAsync();

        using var answer = await GetAsync(group, ("Range", range));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(contentRange, answer.Content.Headers.ContentRange?.ToString());
        if (body is not null)
        {
            Assert.Equal(body, await answer.Content.ReadAsStringAsync());
            Assert.Equal(body.Length, answer.Content.Headers.ContentLength);
        }
    }

    [Fact]
    public async Task Several_ranges_come_in_parts()
    {
        var group = await AddAsync();

        using var answer = await GetAsync(group, ("Range", "bytes=0-1, 4-5,-2, 50-"));

        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Null(answer.Content.Headers.ContentRange);
        Assert.Equal("multipart/byteranges", answer.Content.Headers.ContentType?.MediaType);
        var boundary = answer.Content.Headers.ContentType!.Parameters.Single().Value;
        static string Part(string boundary, string range, string text) => $"\r\n--{boundary}\r\nContent-Type: video/mp4\r\nContent-Range: bytes {range}/10\r\n\r\n{text}";
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Equal($"{Part(boundary!, "0-1", "01")}{Part(boundary!, "4-5", "45")}{Part(boundary!, "8-9", "89")}\r\n--{boundary}--\r\n", body);
        Assert.Equal(body.Length, answer.Content.Headers.ContentLength);
    }

    public static TheoryData<string, string, string, string, int> Conditions => new()
    {
        { "GET", "If-Match", Tag, "", 200 },
        { "GET", "If-Match", "*", "", 200 },
        { "GET", "If-Match", "\"x\", " + Tag, "", 200 },
        { "GET", "If-Match", "\"x\"", "", 412 },
        { "GET", "If-Match", "W/" + Tag, "", 412 },
        { "GET", "If-None-Match", Tag, "", 304 },
        { "HEAD", "If-None-Match", Tag, "", 304 },
        { "GET", "If-None-Match", "W/" + Tag, "", 304 },
        { "GET", "If-None-Match", "*", "", 304 },
        { "GET", "If-None-Match", "\"x\"", "", 200 },
        { "GET", "If-Modified-Since", Date, "", 304 },
        { "GET", "If-Modified-Since", Later, "", 304 },
        { "GET", "If-Modified-Since", Earlier, "", 200 },
        { "GET", "If-Modified-Since", "yesterday", "", 200 },
        { "GET", "If-Unmodified-Since", Date, "", 200 },
        { "GET", "If-Unmodified-Since", Earlier, "", 412 },
        { "GET", "If-Range", Tag, "bytes=0-1", 206 },
        { "GET", "If-Range", "\"x\"", "bytes=0-1", 200 },
        { "GET", "If-Range", "W/" + Tag, "bytes=0-1", 200 },
        { "GET", "If-Range", Date, "bytes=0-1", 206 },
        { "GET", "If-Range", Later, "bytes=0-1", 200 },
        { "GET", "If-None-Match", Tag, "bytes=0-1", 304 },
        { "GET", "If-Match", "\"x\"", "bytes=50-", 412 },
    };

    [Theory]
    [MemberData(nameof(Conditions))]
    public async Task A_condition_is_heeded_as_the_table_says(string method, string header, string value, string range, int status)
    {
        var group = await AddAsync();
        var request = new HttpRequestMessage(new HttpMethod(method), $"blob/{group.Name}/a.mp4");
        request.Headers.TryAddWithoutValidation(header, value);
        if (range.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Range", range);
        }

        using var answer = await _http.SendAsync(request);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(Tag, answer.Headers.ETag?.ToString());
        if (status == 304)
        {
            Assert.Equal("", await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Tags_go_before_dates()
    {
        var group = await AddAsync();

        using var changed = await GetAsync(group, ("If-None-Match", "\"x\""), ("If-Modified-Since", Later));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        using var matched = await GetAsync(group, ("If-Match", Tag), ("If-Unmodified-Since", Earlier));
        Assert.Equal(HttpStatusCode.OK, matched.StatusCode);
    }

    [Fact]
    public async Task An_empty_content_has_no_ranges()
    {
        var group = await AddAsync("");

        using var whole = await GetAsync(group);
        Assert.Equal((HttpStatusCode.OK, 0L), (whole.StatusCode, whole.Content.Headers.ContentLength));
        using var part = await GetAsync(group, ("Range", "bytes=0-"));
        Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, "bytes */0"), (part.StatusCode, part.Content.Headers.ContentRange?.ToString()));
    }

    [Fact]
    public async Task Lists_and_metadata_are_those_of_the_events()
    {
        var group = await AddAsync();
        var version = (await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a.mp4" }))[0].GetString();
        async Task SameAsync(string path, string key, object? data) => Assert.Equal((await _client.CallAsync(key, data)).ToString(), await _http.GetStringAsync(path));

        Assert.Contains(group.Key, await _http.GetStringAsync("groups"), StringComparison.Ordinal);
        Assert.Contains(group.Name, await _http.GetStringAsync("group_names"), StringComparison.Ordinal);
        await SameAsync($"groups/{group.Name}/metadata", "BLOBS_GROUP_METADATA", group.Name);
        await SameAsync($"groups/{group.Key}/versions", "BLOBS_GROUP_VERSIONS", group.Name);
        await SameAsync($"groups/{group.Name}/contents", "BLOBS_CONTENT_LIST", group.Name);
        await SameAsync($"groups/{group.Name}/contents/a.mp4/metadata", "BLOBS_CONTENT_METADATA", new object[] { group.Name, "a.mp4" });
        await SameAsync($"groups/{group.Name}/contents/a.mp4/versions?count=1", "BLOBS_CONTENT_VERSIONS", new { group_key = group.Name, content_key = "a.mp4", count = 1 });
        await SameAsync($"groups/{group.Name}/contents/a.mp4/versions/{version}/metadata", "BLOBS_CONTENT_METADATA", new object[] { group.Name, "a.mp4" });
        await SameAsync("group_names", "BLOBS_GROUP_LIST_NAMES", null);
    }

    [Fact]
    public async Task A_namespace_belongs_to_the_group()
    {
        var name = $"n.{Guid.NewGuid():N}";
        await _client.CallAsync("BLOBS_GROUP_ADD", new { group_key = name, @namespace = "space" });
        await _client.CallAsync("BLOBS_CONTENT_ADD", new { group_key = name, content = "x", content_key = "a", @namespace = "space" });

        Assert.Equal("x", await _http.GetStringAsync($"blob/{name}/a?namespace=space"));
        Assert.Equal("x", await _http.GetStringAsync($"blob/space::{name}/a"));
        using var without = await _http.GetAsync($"blob/{name}/a");
        Assert.Equal(HttpStatusCode.NotFound, without.StatusCode);
    }

    [Theory]
    [InlineData("groups/none/metadata")]
    [InlineData("groups/none/versions")]
    [InlineData("groups/none/contents")]
    [InlineData("groups/GROUP/contents/none/metadata")]
    [InlineData("groups/GROUP/contents/none/versions")]
    [InlineData("groups/GROUP/contents/a.mp4/versions/1-1/metadata")]
    [InlineData("groups/GROUP/contents/a.mp4/versions/x/metadata")]
    [InlineData("blob/none/a.mp4")]
    [InlineData("blob/GROUP/none")]
    [InlineData("blob/GROUP/a.mp4/1-1")]
    [InlineData("dir/none")]
    [InlineData("dir/GROUP/none")]
    public async Task What_is_not_there_is_404(string path)
    {
        var group = await AddAsync();

        using var answer = await _http.GetAsync(path.Replace("GROUP", group.Name, StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_directory_is_walked_by_path()
    {
        var group = await AddAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD_DIR", new object[] { group.Name, "/" });
        await _client.CallAsync("BLOBS_CONTENT_ADD_DIR", new object[] { group.Name, "films/" });
        await _client.CallAsync("BLOBS_DIR_ADD_FILES", new { group_key = group.Name, content_key = "/", files = new[] { new { filename = "films", content_key = "films/" } } });
        await _client.CallAsync("BLOBS_DIR_ADD_FILES", new { group_key = group.Name, content_key = "films/", files = new[] { new { filename = "a", content_key = "a.mp4" } } });

        Assert.Contains(group.Name, await _http.GetStringAsync("dir"), StringComparison.Ordinal);
        Assert.Equal((await _client.CallAsync("BLOBS_DIR_LIST_FILES", new object[] { group.Name, "/" })).ToString(), await _http.GetStringAsync($"dir/{group.Name}"));
        Assert.Equal((await _client.CallAsync("BLOBS_DIR_LIST_FILES", new object[] { group.Name, "films/" })).ToString(), await _http.GetStringAsync($"dir/{group.Name}/films"));
        Assert.Equal((await _client.CallAsync("BLOBS_DIR_FILE_METADATA", new object[] { group.Name, "films/a" })).ToString(), await _http.GetStringAsync($"dir/{group.Name}/films/a"));
        using var part = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"dir/{group.Name}/films/a?format=blob") { Headers = { { "Range", "bytes=1-2" } } });
        Assert.Equal((HttpStatusCode.PartialContent, "12"), (part.StatusCode, await part.Content.ReadAsStringAsync()));
        using var through = await _http.GetAsync($"dir/{group.Name}/films/a/b");
        Assert.Equal(HttpStatusCode.BadRequest, through.StatusCode);
        using var bytes = await _http.GetAsync($"blob/{group.Name}/%2F");
        Assert.Equal(HttpStatusCode.BadRequest, bytes.StatusCode);
    }

    [Fact]
    public async Task Put_adds_and_then_updates()
    {
        var group = await fixture.AddGroupAsync();
        var path = $"blob/{group.Name}/notes.txt";

        using var added = await PutAsync(path, "one");
        Assert.Equal((HttpStatusCode.Created, $"\"{BlobKeys.Hash("one")}\""), (added.StatusCode, added.Headers.ETag?.ToString()));
        using var updated = await PutAsync(path, "two", type: "text/markdown");
        Assert.Equal(HttpStatusCode.OK, updated.StatusCode);
        var written = JsonNode.Parse(await updated.Content.ReadAsStringAsync())!;

        var metadata = await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "notes.txt" });
        Assert.Equal((metadata[0].GetString(), group.Key), ((string?)written["version"], (string?)written["group_key"]));
        Assert.Equal(("text/markdown", "3"), (metadata[1].Text("content_type"), metadata[1].Text("content_length")));
        var versions = await _client.CallAsync("BLOBS_CONTENT_VERSIONS", new object[] { group.Name, "notes.txt" });
        Assert.Equal(["text/markdown", "text/plain"], versions.EnumerateArray().Select(static version => version[1].Text("content_type")));
        Assert.Equal("two", await _http.GetStringAsync(path));
        Assert.Equal("", await fixture.Redis.CliAsync("KEYS", "BLOBS/BUFFER/HTTP.*"));
    }

    [Theory]
    [InlineData("If-None-Match", "*", false, 201)]
    [InlineData("If-None-Match", "*", true, 412)]
    [InlineData("If-None-Match", "CURRENT", true, 412)]
    [InlineData("If-None-Match", "\"x\"", true, 200)]
    [InlineData("If-Match", "*", false, 412)]
    [InlineData("If-Match", "*", true, 200)]
    [InlineData("If-Match", "CURRENT", true, 200)]
    [InlineData("If-Match", "\"x\"", true, 412)]
    public async Task Put_heeds_conditions(string header, string value, bool exists, int status)
    {
        var group = await fixture.AddGroupAsync();
        var path = $"blob/{group.Name}/a";
        if (exists)
        {
            using var first = await PutAsync(path, Text);
        }

        using var answer = await PutAsync(path, "new", (header, value == "CURRENT" ? Tag : value));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 412 && !exists ? 0 : status == 412 || !exists ? 1 : 2, int.Parse(await fixture.Redis.CliAsync("XLEN", $"BLOBS/GID={group.Gid}/CKEY={BlobKeys.Hash("a")}/METADATA")));
        Assert.Equal("", await fixture.Redis.CliAsync("KEYS", "BLOBS/BUFFER/HTTP.*"));
    }

    [Fact]
    public async Task Put_into_no_group_is_404_and_onto_a_directory_400()
    {
        var group = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD_DIR", new object[] { group.Name, "/" });

        using var nowhere = await PutAsync($"blob/{group.Name}x/a", "new");
        Assert.Equal(HttpStatusCode.NotFound, nowhere.StatusCode);
        using var directory = await PutAsync($"blob/{group.Name}/%2F", "new");
        Assert.Equal(HttpStatusCode.BadRequest, directory.StatusCode);
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing()
    {
        var group = await fixture.AddGroupAsync();
        var request = new HttpRequestMessage(HttpMethod.Put, $"blob/{group.Name}/a") { Content = new StreamContent(new BreakingStream()) };

        await Assert.ThrowsAnyAsync<Exception>(() => _http.SendAsync(request));

        await Redis.Tests.Until.TrueAsync(async () => await fixture.Redis.CliAsync("KEYS", "BLOBS/BUFFER/HTTP.*") == "", "the buffer is gone");
        Assert.False(await _client.CallAsync<bool>("BLOBS_CONTENT_EXISTS", new object[] { group.Name, "a" }));
    }

    private async Task<Group> AddAsync(string text = Text)
    {
        var group = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD", new { group_key = group.Name, content = Encoding.UTF8.GetBytes(text), content_key = "a.mp4", last_modified = Date });
        return group;
    }

    private async Task<HttpResponseMessage> GetAsync(Group group, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"blob/{group.Name}/a.mp4");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _http.SendAsync(request);
    }

    private async Task<HttpResponseMessage> PutAsync(string path, string text, (string Name, string Value)? header = null, string? type = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(text)) };
        request.Content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        if (header is var (name, value))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _http.SendAsync(request);
    }

    private sealed class BreakingStream : MemoryStream
    {
        private int _left = 2_000_000;

        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _left -= buffer.Length;
            return _left > 0 ? new(buffer.Length) : throw new IOException("The file is gone.");
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }
}
