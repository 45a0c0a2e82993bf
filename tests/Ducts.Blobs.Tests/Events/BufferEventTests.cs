using System.Security.Cryptography;
using Ducts.Blobs.Storage;
using Ducts.Blobs.Tests.Support;
using Ducts.Client;
using Ducts.Redis.Tests;

namespace Ducts.Blobs.Tests.Events;

public sealed class BufferEventTests(BlobFixture fixture)
{
    private readonly DuctsClient _client = fixture.Client;

    [Fact]
    public async Task A_buffer_is_a_value_of_its_session_and_an_entry_of_a_stream()
    {
        var buffer = (await _client.CallAsync<string>("BLOBS_BUFFER_OPEN"))!;

        Assert.Equal(2, await _client.CallAsync<int>("BLOBS_BUFFER_APPEND", new object[] { buffer, new byte[] { 1, 2 } }));
        Assert.Equal(5, await _client.CallAsync<int>("BLOBS_BUFFER_APPEND", new { buffer_id = buffer, buffer_data = "abc" }));

        var key = await fixture.Redis.CliAsync("KEYS", $"BLOBS/BUFFER/*/{buffer}");
        Assert.Equal("5", await fixture.Redis.CliAsync("STRLEN", key));
        Assert.InRange(int.Parse(await fixture.Redis.CliAsync("TTL", key)), 3500, 3600);
        var entries = (await fixture.Redis.CliAsync("XREVRANGE", "BLOBS/BUFFER", "+", "-")).Split('\n').Chunk(3);
        Assert.Contains(entries, entry => BlobKeys.Hash(entry[0]) == buffer && entry[1] == "sid" && key == $"BLOBS/BUFFER/{entry[2]}/{buffer}");
    }

    [Fact]
    public async Task A_content_comes_from_a_buffer_which_is_gone_then()
    {
        var group = await fixture.AddGroupAsync();
        var bytes = RandomNumberGenerator.GetBytes(3 * 512 * 1024 + 17);
        var buffer = await _client.FillBufferAsync(bytes.Chunk(300_000).ToArray());

        var added = await _client.CallAsync(
            "BLOBS_CONTENT_ADD_BY_BUFFER", new { group_key = group.Name, buffer_key = buffer, content_key = "a.mp4", last_modified = 1000, title = "Film" });

        Assert.Equal(["group_key", "content_key"], added.Names());
        Assert.Equal(bytes, await _client.ReadAsync(new object[] { group.Name, "a.mp4" }));
        var metadata = (await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "a.mp4" }))[1];
        Assert.Equal(
            (BlobKeys.Hash(bytes), $"{bytes.Length}", "video/mp4", "1000", "Film"),
            (metadata.Text("cid"), metadata.Text("content_length"), metadata.Text("content_type"), metadata.Text("last_modified"), metadata.Text("title")));
        Assert.Equal("", await fixture.Redis.CliAsync("KEYS", $"BLOBS/BUFFER/*/{buffer}"));
        Assert.Equal("-1", await fixture.Redis.CliAsync("TTL", $"BLOBS/GID={group.Gid}/CID={BlobKeys.Hash(bytes)}/OBJ"));
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_BUFFER_APPEND", new object[] { buffer, "more" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_content_is_updated_from_a_buffer()
    {
        var group = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, "one", "a" });
        var buffer = await _client.FillBufferAsync("two"u8.ToArray());

        var updated = await _client.CallAsync("BLOBS_CONTENT_UPDATE_BY_BUFFER", new object[] { group.Name, buffer, "a" });

        Assert.Equal(["group_key", "content_key", "version"], updated.Names());
        Assert.Equal("two", await _client.ReadTextAsync(new object[] { group.Name, "a", updated.Text("version") }));

        // Bytes that the group has already are not stored twice.
        var again = await _client.FillBufferAsync("one"u8.ToArray());
        await _client.CallAsync("BLOBS_CONTENT_UPDATE_BY_BUFFER", new { group_key = group.Name, buffer_key = again, content_key = "a", title = "x" });
        Assert.Equal("one", await _client.ReadTextAsync(new object[] { group.Name, "a" }));
        Assert.Equal("", await fixture.Redis.CliAsync("KEYS", $"BLOBS/BUFFER/*/{again}"));
    }

    [Fact]
    public async Task Equal_bytes_without_a_key_are_a_new_version_of_the_same_content()
    {
        var group = await fixture.AddGroupAsync();

        var first = await _client.CallAsync("BLOBS_CONTENT_ADD_BY_BUFFER", new object[] { group.Name, await _client.FillBufferAsync("same"u8.ToArray()) });
        var second = await _client.CallAsync("BLOBS_CONTENT_ADD_BY_BUFFER", new object[] { group.Name, await _client.FillBufferAsync("same"u8.ToArray()) });

        var key = first.Text("content_key");
        Assert.Equal(key, second.Text("content_key"));
        Assert.Equal(BlobKeys.Hash($"BLOBS/GID={group.Gid}/CID={BlobKeys.Hash("same")}/OBJ"), key);
        Assert.Equal(2, (await _client.CallAsync("BLOBS_CONTENT_VERSIONS", new object[] { group.Name, key })).GetArrayLength());
        var third = await _client.FillBufferAsync("same"u8.ToArray());
        await _client.CallAsync("BLOBS_CONTENT_ADD_BY_BUFFER", new object[] { group.Name, third, "named" });
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_CONTENT_ADD_BY_BUFFER", new object[] { group.Name, await _client.FillBufferAsync("x"u8.ToArray()), "named" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_buffer_may_stay_empty()
    {
        var group = await fixture.AddGroupAsync();

        await _client.CallAsync("BLOBS_CONTENT_ADD_BY_BUFFER", new object[] { group.Name, await _client.FillBufferAsync(), "a" });

        Assert.Empty(await _client.ReadAsync(new object[] { group.Name, "a" }));
    }

    [Fact]
    public async Task Another_session_has_no_part_in_a_buffer_and_it_ends_with_its_own()
    {
        var group = await fixture.AddGroupAsync();
        var other = await fixture.Server.ConnectAsync();
        var buffer = await other.FillBufferAsync("text"u8.ToArray());

        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_BUFFER_APPEND", new object[] { buffer, "more" }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_CONTENT_ADD_BY_BUFFER", new object[] { group.Name, buffer, "a" }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_CONTENT_ADD_BY_BUFFER", new object[] { group.Name, "", "a" }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await other.FailAsync("BLOBS_BUFFER_APPEND", new object[] { buffer, "" }), StringComparison.Ordinal);
        await other.DisposeAsync();

        await Until.TrueAsync(async () => await fixture.Redis.CliAsync("KEYS", $"BLOBS/BUFFER/*/{buffer}") == "", "the buffer is gone");
    }

    [Fact]
    public async Task A_content_may_not_be_larger_than_the_option_says()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var server = await BlobServer.StartAsync(redis.Uri, static options => (options.Blobs.BlobsMaxSize, options.Blobs.BlobsBufferTtl) = (10, TimeSpan.FromSeconds(100)));
        await using var client = await server.ConnectAsync();
        await client.CallAsync("BLOBS_GROUP_ADD", "g");
        async Task<string[]> KeysAsync() => [.. (await redis.CliAsync("KEYS", "BLOBS/*")).Split('\n').Where(static key => key != "BLOBS/BUFFER").Order(StringComparer.Ordinal)];
        var before = await KeysAsync();

        Assert.StartsWith("ValueError", await client.FailAsync("BLOBS_CONTENT_ADD", new object[] { "g", "01234567890", "a" }), StringComparison.Ordinal);
        using var put = await server.Http.PutAsync("blob/g/a", new StringContent("01234567890"));
        Assert.Equal(413, (int)put.StatusCode);
        using var unknownLength = await server.Http.PutAsync("blob/g/a", new StreamContent(new UnknownLength("01234567890"u8.ToArray())));
        Assert.Equal(413, (int)unknownLength.StatusCode);
        Assert.Equal(before, await KeysAsync());

        var buffer = await client.FillBufferAsync("0123456789"u8.ToArray());
        Assert.InRange(int.Parse(await redis.CliAsync("TTL", await redis.CliAsync("KEYS", $"*{buffer}"))), 90, 100);
        Assert.StartsWith("ValueError", await client.FailAsync("BLOBS_BUFFER_APPEND", new object[] { buffer, "x" }), StringComparison.Ordinal);
        await client.CallAsync("BLOBS_CONTENT_ADD_BY_BUFFER", new object[] { "g", buffer, "a" });
        Assert.Equal("0123456789", await client.ReadTextAsync(new object[] { "g", "a" }));
    }

    private sealed class UnknownLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
