using System.Text;
using Ducts.Blobs.Storage;
using Ducts.Blobs.Tests.Support;
using Ducts.Client;

namespace Ducts.Blobs.Tests.Events;

public sealed class ContentEventTests(BlobFixture fixture)
{
    private readonly DuctsClient _client = fixture.Client;

    [Fact]
    public async Task A_content_is_added_with_the_keys_and_fields_of_the_layout()
    {
        var group = await fixture.AddGroupAsync();

        var added = await _client.CallAsync(
            "BLOBS_CONTENT_ADD", new { group_key = group.Name, content = "héllo", content_key = "requirements.txt", last_modified = 1624500000, owner = "ann" });

        const string Key = "19359a61ae2446b51b549167b014da2fcf265768";
        Assert.Equal(["group_key", "content_key"], added.Names());
        Assert.Equal((group.Key, Key), (added.Text("group_key"), added.Text("content_key")));
        var cid = BlobKeys.Hash("héllo");
        var lines = (await fixture.Redis.CliAsync("XRANGE", $"BLOBS/GID={group.Gid}/CKEY={Key}/METADATA", "-", "+")).Split('\n');
        Assert.Equal(
            [
                ("cid", cid), ("content_key", Key), ("content_key_name", "requirements.txt"), ("content_length", "6"), ("content_type", "text/plain"),
                ("encoding", "UTF-8"), ("last_modified", "1624500000"), ("order", "10"), ("owner", "ann"),
            ],
            lines[1..].Chunk(2).Select(static pair => (pair[0], pair[1])).Order());
        Assert.Equal("10", await fixture.Redis.CliAsync("ZSCORE", $"BLOBS/GID={group.Gid}/CONTENT_KEYS", Key));
        Assert.Equal("1", await fixture.Redis.CliAsync("GET", $"BLOBS/GID={group.Gid}/CONTENT_ID"));
        Assert.Equal("6", await fixture.Redis.CliAsync("STRLEN", $"BLOBS/GID={group.Gid}/CID={cid}/OBJ"));
    }

    [Theory]
    [InlineData("""{"content": "text", "content_key": "a"}""", "text/plain", "UTF-8")]
    [InlineData("""{"content": "text"}""", "text/plain", "UTF-8")]
    [InlineData("""{"content": "text", "content_key": "a.html"}""", "text/html", "UTF-8")]
    [InlineData("""{"content": "text", "content_key": "a.html", "content_type": "text/x-mine"}""", "text/x-mine", "UTF-8")]
    [InlineData("""{"content": "日本", "content_key": "a", "encoding": "shift_jis"}""", "text/plain", "shift_jis")]
    public async Task The_media_type_and_the_encoding_follow_from_what_is_given(string json, string type, string encoding)
    {
        var group = await fixture.AddGroupAsync();
        var data = System.Text.Json.Nodes.JsonNode.Parse(json)!;
        data["group_key"] = group.Name;

        var added = await _client.CallAsync("BLOBS_CONTENT_ADD", data);

        var metadata = (await _client.CallAsync("BLOBS_CONTENT_METADATA", new { group_key = group.Name, content_key = added.Text("content_key") }))[1];
        Assert.Equal((type, encoding), (metadata.Text("content_type"), metadata.Text("encoding")));
        var bytes = FieldText.Encode((string)data["content"]!, encoding);
        Assert.Equal(bytes, await _client.ReadAsync(new { group_key = group.Key, content_key = added.Text("content_key") }));
    }

    [Fact]
    public async Task Bytes_have_no_encoding_and_a_general_media_type()
    {
        var group = await fixture.AddGroupAsync();

        await _client.CallAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, new byte[] { 1, 2 }, "a" });
        await _client.CallAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, new byte[] { 1, 3 }, "a.png" });

        var metadata = (await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a" }))[1];
        Assert.Equal("application/octet-stream", metadata.Text("content_type"));
        Assert.False(metadata.TryGetProperty("encoding", out _));
        Assert.Equal("image/png", (await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a.png" }))[1].Text("content_type"));
    }

    [Fact]
    public async Task A_content_without_a_key_has_the_hash_of_its_object_key()
    {
        var group = await fixture.AddGroupAsync();

        var added = await _client.CallAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, "text" });

        Assert.Equal(BlobKeys.Hash($"BLOBS/GID={group.Gid}/CID={BlobKeys.Hash("text")}/OBJ"), added.Text("content_key"));
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, "text" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_added_is_refused()
    {
        var group = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, "text", "a" });

        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, "text", "a" }), StringComparison.Ordinal);
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_CONTENT_ADD", new object[] { group.Name + "x", "text", "a" }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_CONTENT_ADD", new object?[] { group.Name, null, "b" }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, 5, "b" }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_CONTENT_ADD", new { group_key = group.Name, content = "é", content_key = "b", encoding = "us-ascii" }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_CONTENT_ADD", new { group_key = group.Name, content = "e", content_key = "b", encoding = "none-such" }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_CONTENT_ADD", new { group_key = group.Name, content = "e", content_key = "b", last_modified = "soon" }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_CONTENT_ADD", new { group_key = group.Name, content = "e", content_key = "b", order = "first" }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_CONTENT_ADD", new { group_key = group.Name, content = "e", content_key = "b", tags = new[] { "x" } }), StringComparison.Ordinal);
        Assert.Single((await _client.CallAsync<string[]>("BLOBS_CONTENT_LIST", group.Name))!);
    }

    [Theory]
    [InlineData("1624500000", "1624500000")]
    [InlineData("\"1624500000\"", "1624500000")]
    [InlineData("1624500000.75", "1624500000")]
    [InlineData("\"Thu, 24 Jun 2021 02:00:00 GMT\"", "1624500000")]
    public async Task The_time_of_the_last_change_has_three_forms(string json, string expected)
    {
        var group = await fixture.AddGroupAsync();

        await _client.AskAsync("BLOBS_CONTENT_ADD", $$"""{"group_key": "{{group.Name}}", "content": "x", "content_key": "a", "last_modified": {{json}}}""");

        Assert.Equal(expected, (await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a" }))[1].Text("last_modified"));
    }

    [Fact]
    public async Task Empty_content_is_stored_and_read()
    {
        var group = await fixture.AddGroupAsync();

        await _client.CallAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, "", "a" });

        Assert.Empty(await _client.ReadAsync(new object[] { group.Name, "a" }));
        Assert.Equal("0", (await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a" }))[1].Text("content_length"));
        Assert.StartsWith("ValueError", (await Assert.ThrowsAnyAsync<DuctsRemoteException>(() => _client.ReadAsync(new { group_key = group.Name, content_key = "a", start = 1 }))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_adds_a_version_and_keeps_the_older_ones()
    {
        var group = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD", new { group_key = group.Name, content = "one", content_key = "a", last_modified = 1000 });
        var first = (await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a" }))[0].GetString()!;

        var updated = await _client.CallAsync("BLOBS_CONTENT_UPDATE", new object[] { group.Name, "a", "two" });

        Assert.Equal(["group_key", "content_key", "version"], updated.Names());
        var metadata = await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a" });
        Assert.Equal(updated.Text("version"), metadata[0].GetString());
        Assert.Equal((BlobKeys.Hash("two"), "3", "10"), (metadata[1].Text("cid"), metadata[1].Text("content_length"), metadata[1].Text("order")));
        Assert.InRange(long.Parse(metadata[1].Text("last_modified")), 1_600_000_000, long.MaxValue);
        Assert.Equal("two", await _client.ReadTextAsync(new object[] { group.Name, "a" }));
        Assert.Equal("one", await _client.ReadTextAsync(new object[] { group.Name, "a", first }));
        Assert.Equal("two", await _client.ReadTextAsync(new object[] { group.Name, "a", "latest" }));
        var old = await _client.CallAsync("BLOBS_CONTENT_METADATA", new { group_key = group.Name, content_key = "a", version = first });
        Assert.Equal("1000", old[1].Text("last_modified"));
    }

    [Fact]
    public async Task An_update_without_content_changes_metadata_only()
    {
        var group = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD", new { group_key = group.Name, content = "one", content_key = "a", last_modified = 1000 });
        await _client.CallAsync("BLOBS_CONTENT_ADD", new { group_key = group.Name, content = "two", content_key = "b" });

        await _client.CallAsync("BLOBS_CONTENT_UPDATE", new { group_key = group.Name, content_key = "a", order = 99, title = "First" });

        var metadata = (await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a" }))[1];
        Assert.Equal(("1000", "First", "99", BlobKeys.Hash("one")), (metadata.Text("last_modified"), metadata.Text("title"), metadata.Text("order"), metadata.Text("cid")));
        Assert.Equal([BlobKeys.Hash("b"), BlobKeys.Hash("a")], await _client.CallAsync<string[]>("BLOBS_CONTENT_LIST", group.Name) ?? []);
        var versions = await _client.CallAsync("BLOBS_CONTENT_VERSIONS", new object[] { group.Name, "a" });
        Assert.Equal(2, versions.GetArrayLength());

        // What changes nothing is no version.
        var same = await _client.CallAsync("BLOBS_CONTENT_UPDATE", new { group_key = group.Name, content_key = "a", title = "First" });
        Assert.Equal(versions[0][0].GetString(), same.Text("version"));
    }

    [Fact]
    public async Task What_a_content_is_cannot_be_changed()
    {
        var group = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, "one", "a" });

        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_CONTENT_UPDATE", new { group_key = group.Name, content_key = "a", cid = "1" }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_CONTENT_UPDATE", new { group_key = group.Name, content_key = "a", is_dir = "1" }), StringComparison.Ordinal);
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_CONTENT_UPDATE", new { group_key = group.Name, content_key = "b", title = "x" }), StringComparison.Ordinal);
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_CONTENT_UPDATE", new { group_key = group.Name, content_key = "b", content = "x" }), StringComparison.Ordinal);

        // The whole metadata, as clients send it back.
        var whole = await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a" });
        var fields = whole[1].EnumerateObject().ToDictionary(static field => field.Name, static field => (object)field.Value.GetString()!);
        fields["group_key"] = group.Name;
        fields["title"] = "x";
        Assert.NotEqual(whole[0].GetString(), (await _client.CallAsync("BLOBS_CONTENT_UPDATE", fields)).Text("version"));
    }

    [Fact]
    public async Task An_update_of_text_keeps_to_the_encoding()
    {
        var group = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD", new { group_key = group.Name, content = "日本", content_key = "a", encoding = "shift_jis" });

        await _client.CallAsync("BLOBS_CONTENT_UPDATE", new object[] { group.Name, "a", "語" });
        Assert.Equal(FieldText.Encode("語", "shift_jis"), await _client.ReadAsync(new object[] { group.Name, "a" }));

        await _client.CallAsync("BLOBS_CONTENT_UPDATE", new { group_key = group.Name, content_key = "a", content = "語", encoding = "utf-16" });
        Assert.Equal(Encoding.Unicode.GetBytes("語"), await _client.ReadAsync(new object[] { group.Name, "a" }));
        Assert.Equal("utf-16", (await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a" }))[1].Text("encoding"));
    }

    [Fact]
    public async Task A_content_is_reverted_to_an_older_version()
    {
        var group = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD", new { group_key = group.Name, content = "one", content_key = "a", order = 5 });
        var first = (await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a" }))[0].GetString()!;
        await _client.CallAsync("BLOBS_CONTENT_UPDATE", new { group_key = group.Name, content_key = "a", content = "two", order = 50 });

        var reverted = await _client.CallAsync("BLOBS_CONTENT_REVERT", new object[] { group.Name, "a", first });

        var metadata = await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a" });
        Assert.Equal(reverted.Text("version"), metadata[0].GetString());
        Assert.Equal((first, "5", BlobKeys.Hash("one")), (metadata[1].Text("revert_to"), metadata[1].Text("order"), metadata[1].Text("cid")));
        Assert.Equal("5", await fixture.Redis.CliAsync("ZSCORE", $"BLOBS/GID={group.Gid}/CONTENT_KEYS", BlobKeys.Hash("a")));
        Assert.Equal("one", await _client.ReadTextAsync(new object[] { group.Name, "a" }));

        await _client.CallAsync("BLOBS_CONTENT_UPDATE", new object[] { group.Name, "a", "three" });
        Assert.False((await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a" }))[1].TryGetProperty("revert_to", out _));
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_CONTENT_REVERT", new object[] { group.Name, "a", "1-1" }), StringComparison.Ordinal);
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_CONTENT_REVERT", new object[] { group.Name, "a", "older" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Contents_are_found_by_key_and_version_only()
    {
        var group = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, "one", "a" });

        Assert.True(await _client.CallAsync<bool>("BLOBS_CONTENT_EXISTS", new object[] { group.Name, "a" }));
        Assert.True(await _client.CallAsync<bool>("BLOBS_CONTENT_EXISTS", new object[] { group.Key, BlobKeys.Hash("a"), "ignored" }));
        Assert.False(await _client.CallAsync<bool>("BLOBS_CONTENT_EXISTS", new object[] { group.Name, "b" }));
        Assert.False(await _client.CallAsync<bool>("BLOBS_CONTENT_EXISTS", new object[] { group.Name + "x", "a" }));
        foreach (var version in (string[])["1-1", "1", "x", "1-x", "99999999999999999999-0", "-1-0"])
        {
            Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a", "", version }), StringComparison.Ordinal);
        }

        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "b" }), StringComparison.Ordinal);
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_CONTENT_LIST", group.Name + "x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_sends_the_contents_that_have_any_of_the_values()
    {
        var group = await fixture.AddGroupAsync();
        for (var i = 0; i < 250; i++)
        {
            await _client.CallAsync("BLOBS_CONTENT_ADD", new { group_key = group.Name, content = "x", content_key = $"{i}", color = i % 50 == 0 ? "red" : "blue", shape = i == 7 ? "round" : "square" });
        }

        var found = new List<string>();
        await foreach (var content in _client.StreamAsync("BLOBS_CONTENT_FILTER", new { group_key = group.Name, color = "red", shape = "round" }))
        {
            found.Add(content.Text("content_key_name"));
        }

        Assert.Equal(["0", "7", "50", "100", "150", "200"], found);
    }

    [Theory]
    [InlineData(0, -1, "0123456789")]
    [InlineData(2, 4, "234")]
    [InlineData(9, 9, "9")]
    [InlineData(-3, -2, "78")]
    [InlineData(0, 100, "0123456789")]
    [InlineData(5, 3, "")]
    [InlineData(-100, 1, "01")]
    public async Task A_part_of_a_content_is_sent_as_redis_counts_it(int start, int stop, string expected)
    {
        var group = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, "0123456789", "a" });

        Assert.Equal(expected, Encoding.ASCII.GetString(await _client.ReadAsync(new object[] { group.Name, "a", "", "", start, stop })));
        Assert.Equal(expected, await fixture.Redis.CliAsync("GETRANGE", $"BLOBS/GID={group.Gid}/CID={BlobKeys.Hash("0123456789")}/OBJ", $"{start}", $"{stop}"));
    }

    [Fact]
    public async Task A_part_beyond_the_end_and_the_bytes_of_a_directory_are_value_errors()
    {
        var group = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, "0123456789", "a" });
        await _client.CallAsync("BLOBS_CONTENT_ADD_DIR", new object[] { group.Name, "/" });

        async Task<string> FailAsync(object data) => (await Assert.ThrowsAnyAsync<DuctsRemoteException>(() => _client.ReadAsync(data))).Text;

        Assert.StartsWith("ValueError", await FailAsync(new { group_key = group.Name, content_key = "a", start = 10 }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await FailAsync(new { group_key = group.Name, content_key = "/" }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_CONTENT_UPDATE", new object[] { group.Name, "/", "text" }), StringComparison.Ordinal);
        Assert.StartsWith("KeyError", await FailAsync(new object[] { group.Name, "b" }), StringComparison.Ordinal);
    }
}
