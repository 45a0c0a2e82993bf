using Ducts.Blobs.Storage;
using Ducts.Blobs.Tests.Support;
using Ducts.Redis.Tests;

namespace Ducts.Blobs.Tests.Storage;

/// <summary>Data as the original has left it in Redis, written here by redis-cli from the table of keys.</summary>
public sealed class OriginalDataTests
{
    private const string GroupKey = "bc9810181d68f079c2553334b67bd6da13b5515e";

    [Fact]
    public async Task What_the_original_has_written_is_read_updated_and_reverted()
    {
        await using var redis = await RedisServer.StartAsync();
        await WriteAsync(redis);
        await using var server = await BlobServer.StartAsync(redis.Uri);
        await using var client = await server.ConnectAsync();

        Assert.Equal([GroupKey], await client.CallAsync<string[]>("BLOBS_GROUP_LIST") ?? []);
        Assert.Equal(["ducts.unittest.group.0"], await client.CallAsync<string[]>("BLOBS_GROUP_LIST_NAMES") ?? []);
        Assert.Equal("3", (await client.CallAsync("BLOBS_GROUP_METADATA", "ducts.unittest.group.0"))[1].Text("gid"));
        Assert.Equal([BlobKeys.Hash("/"), BlobKeys.Hash("requirements.txt")], await client.CallAsync<string[]>("BLOBS_CONTENT_LIST", GroupKey) ?? []);
        Assert.Equal("new", await client.ReadTextAsync(new object[] { "ducts.unittest.group.0", "requirements.txt" }));
        Assert.Equal("old", await client.ReadTextAsync(new object[] { "ducts.unittest.group.0", "requirements.txt", "1624500000000-0" }));
        Assert.Equal(2, (await client.CallAsync("BLOBS_CONTENT_VERSIONS", new object[] { GroupKey, "requirements.txt" })).GetArrayLength());
        Assert.True(await client.CallAsync<bool>("BLOBS_DIR_FILE_EXISTS", new object[] { GroupKey, "needs" }));
        Assert.Equal("new", await server.Http.GetStringAsync("dir/ducts.unittest.group.0/needs?format=blob"));

        await client.CallAsync("BLOBS_CONTENT_UPDATE", new object[] { GroupKey, "requirements.txt", "newest" });
        Assert.Equal("newest", await client.ReadTextAsync(new object[] { GroupKey, "requirements.txt" }));
        await client.CallAsync("BLOBS_CONTENT_REVERT", new object[] { GroupKey, "requirements.txt", "1624500000000-0" });
        Assert.Equal("old", await client.ReadTextAsync(new object[] { GroupKey, "requirements.txt" }));
        Assert.Equal("4", await redis.CliAsync("XLEN", $"BLOBS/GID=3/CKEY={BlobKeys.Hash("requirements.txt")}/METADATA"));

        // What is added takes the numbers behind.
        await client.CallAsync("BLOBS_CONTENT_ADD", new object[] { GroupKey, "more", "more.txt" });
        Assert.Equal("30", await redis.CliAsync("ZSCORE", "BLOBS/GID=3/CONTENT_KEYS", BlobKeys.Hash("more.txt")));
        await client.CallAsync("BLOBS_GROUP_ADD", "another");
        Assert.Equal("4", (await client.CallAsync("BLOBS_GROUP_METADATA", "another"))[1].Text("gid"));
        await client.CallAsync("BLOBS_DIR_ADD_FILES", new { group_key = GroupKey, content_key = "/", files = new[] { new { filename = "more", content_key = "more.txt" } } });
        Assert.Equal($"{GroupKey}.{BlobKeys.Hash("more.txt")}.latest.0", await redis.CliAsync("HGET", "BLOBS/GID=3/CID=2/DIR", "more"));
    }

    private static async Task WriteAsync(RedisServer redis)
    {
        var file = BlobKeys.Hash("requirements.txt");
        var root = BlobKeys.Hash("/");
        string[][] commands =
        [
            ["SET", "BLOBS/GROUP_ID", "3"],
            ["ZADD", "BLOBS/GROUP_NAMES", "0", "ducts.unittest.group.0"],
            ["XADD", $"BLOBS/GKEY={GroupKey}/METADATA", "1624499999000-0", "gid", "3", "group_key", GroupKey, "group_key_text", "ducts.unittest.group.0", "group_name", "", "content_type", ""],
            ["SET", "BLOBS/GID=3/CONTENT_ID", "2"],
            ["ZADD", "BLOBS/GID=3/CONTENT_KEYS", "20", file, "10", root],
            ["SET", $"BLOBS/GID=3/CID={BlobKeys.Hash("old")}/OBJ", "old"],
            ["SET", $"BLOBS/GID=3/CID={BlobKeys.Hash("new")}/OBJ", "new"],
            ["XADD", $"BLOBS/GID=3/CKEY={file}/METADATA", "1624500000000-0", .. Content(file, "requirements.txt", BlobKeys.Hash("old"))],
            ["XADD", $"BLOBS/GID=3/CKEY={file}/METADATA", "1624500001000-0", .. Content(file, "requirements.txt", BlobKeys.Hash("new"))],
            ["XADD", $"BLOBS/GID=3/CKEY={root}/METADATA", "1624500000000-0", "cid", "2", "is_dir", "1", "content_key", root, "content_key_name", "/", "content_type", "application/json", "last_modified", "1624500000", "order", "10"],
            ["HSET", "BLOBS/GID=3/CID=2/DIR", ".", $"{GroupKey}.{root}.latest.1", "needs", $"{GroupKey}.{file}.latest.0"],
        ];
        foreach (var command in commands)
        {
            Assert.DoesNotContain("ERR", await redis.CliAsync(command), StringComparison.Ordinal);
        }
    }

    private static string[] Content(string key, string name, string cid) =>
        ["cid", cid, "is_dir", "", "content_key", key, "content_key_name", name, "content_type", "text/plain", "content_length", "3", "last_modified", "1624500000", "encoding", "UTF-8", "order", "20"];
}
