using Ducts.Blobs.Tests.Support;
using Ducts.Client;

namespace Ducts.Blobs.Tests.Events;

public sealed class GroupEventTests(BlobFixture fixture)
{
    private readonly DuctsClient _client = fixture.Client;

    private static string NewName() => $"g.{Guid.NewGuid():N}";

    [Fact]
    public async Task A_group_is_added_with_the_keys_and_fields_of_the_layout()
    {
        var name = NewName();
        var key = await _client.CallAsync<string>("BLOBS_GROUP_ADD", new { group_key = name, @namespace = "space::inner", content_type = "text/html", group_name = "Shown", rank = 7 });

        var text = $"space::inner::{name}";
        Assert.Equal(Ducts.Blobs.Storage.BlobKeys.Hash(text), key);
        var lines = (await fixture.Redis.CliAsync("XREVRANGE", $"BLOBS/GKEY={key}/METADATA", "+", "-", "COUNT", "1")).Split('\n');
        var gid = lines[2];
        Assert.Equal(["gid", gid, "group_key", key!, "group_key_text", text, "content_type", "text/html", "group_name", "Shown", "rank", "7"], lines[1..]);
        Assert.Equal("0", await fixture.Redis.CliAsync("ZSCORE", "BLOBS/GROUP_NAMES", text));
        Assert.InRange(int.Parse(gid), 1, int.Parse(await fixture.Redis.CliAsync("GET", "BLOBS/GROUP_ID")));
    }

    [Fact]
    public async Task Arguments_come_as_a_map_an_array_or_a_scalar()
    {
        string[] names = [NewName(), NewName(), NewName()];
        await _client.CallAsync("BLOBS_GROUP_ADD", new { groupKey = names[0] });
        await _client.CallAsync("BLOBS_GROUP_ADD", new object[] { names[1], "", "text/css" });
        await _client.CallAsync("BLOBS_GROUP_ADD", names[2]);

        foreach (var name in names)
        {
            Assert.True(await _client.CallAsync<bool>("BLOBS_GROUP_EXISTS", new { group_key = name }));
            Assert.True(await _client.CallAsync<bool>("BLOBS_GROUP_EXISTS", new object[] { name }));
            Assert.True(await _client.CallAsync<bool>("BLOBS_GROUP_EXISTS", name));
        }

        Assert.False(await _client.CallAsync<bool>("BLOBS_GROUP_EXISTS", new object[] { names[0], "elsewhere" }));
        var metadata = await _client.CallAsync("BLOBS_GROUP_METADATA", names[1]);
        Assert.Equal("text/css", metadata[1].Text("content_type"));
        Assert.Equal("application/octet-stream", (await _client.CallAsync("BLOBS_GROUP_METADATA", names[0]))[1].Text("content_type"));
    }

    [Fact]
    public async Task A_group_without_a_key_is_given_one_and_has_no_name()
    {
        var key = await _client.CallAsync<string>("BLOBS_GROUP_ADD");

        Assert.Matches("^[0-9a-f]{40}$", key);
        var metadata = await _client.CallAsync("BLOBS_GROUP_METADATA", key);
        Assert.Equal(["gid", "group_key", "content_type"], metadata[1].Names());
        Assert.Contains(key, await _client.CallAsync<string[]>("BLOBS_GROUP_LIST") ?? []);
    }

    [Fact]
    public async Task A_group_that_exists_is_a_key_error_and_so_is_one_that_does_not()
    {
        var name = NewName();
        await _client.CallAsync("BLOBS_GROUP_ADD", name);

        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_GROUP_ADD", name), StringComparison.Ordinal);
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_GROUP_METADATA", name + "x"), StringComparison.Ordinal);
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_GROUP_UPDATE", name + "x"), StringComparison.Ordinal);
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_GROUP_VERSIONS", name + "x"), StringComparison.Ordinal);
        Assert.StartsWith("TypeError", await _client.FailAsync("BLOBS_GROUP_METADATA", null), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_sets_fields_in_a_new_version()
    {
        var group = await fixture.AddGroupAsync();
        var first = (await _client.CallAsync("BLOBS_GROUP_METADATA", group.Name))[0].GetString();

        var second = await _client.CallAsync<string>("BLOBS_GROUP_UPDATE", new { group_key = group.Name, gid = group.Gid, group_name = "New", content_type = "text/plain" });
        var again = await _client.CallAsync<string>("BLOBS_GROUP_UPDATE", new { group_key = group.Name, group_name = "New" });

        Assert.NotEqual(first, second);
        Assert.Equal(second, again);
        var versions = await _client.CallAsync("BLOBS_GROUP_VERSIONS", new { group_key = group.Name });
        Assert.Equal([second!, first!], versions.EnumerateArray().Select(static version => version[0].GetString()!));
        Assert.Equal("New", versions[0][1].Text("group_name"));
        Assert.Equal("text/plain", versions[0][1].Text("content_type"));
        Assert.False(versions[1][1].TryGetProperty("group_name", out _));
    }

    [Fact]
    public async Task What_identifies_a_group_cannot_be_changed()
    {
        var group = await fixture.AddGroupAsync();

        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_GROUP_UPDATE", new { group_key = group.Name, gid = "999999" }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_GROUP_UPDATE", new { group_key = group.Name, group_key_text = "other" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Versions_are_counted_and_begin_where_asked()
    {
        var group = await fixture.AddGroupAsync();
        var ids = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            ids.Insert(0, (await _client.CallAsync<string>("BLOBS_GROUP_UPDATE", new { group_key = group.Name, n = i }))!);
        }

        async Task<string[]> ListAsync(object data) =>
            [.. (await _client.CallAsync("BLOBS_GROUP_VERSIONS", data)).EnumerateArray().Select(static version => version[0].GetString()!)];

        Assert.Equal(ids[..10], await ListAsync(group.Name));
        Assert.Equal(ids[2..5], await ListAsync(new { group_key = group.Name, version = ids[2], count = 3 }));
        Assert.Equal(ids[..2], await ListAsync(new object[] { group.Name, "", "latest", 2 }));
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_GROUP_VERSIONS", new { group_key = group.Name, version = "soon" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_is_deleted_with_exactly_its_own_keys()
    {
        // Group 1 must not take what belongs to group 10.
        await using var redis = await Redis.Tests.RedisServer.StartAsync();
        await using var server = await BlobServer.StartAsync(redis.Uri);
        await using var client = await server.ConnectAsync();
        for (var i = 1; i <= 10; i++)
        {
            await client.CallAsync("BLOBS_GROUP_ADD", $"g{i}");
            await client.CallAsync("BLOBS_CONTENT_ADD", new { group_key = $"g{i}", content = "one", content_key = "a.txt" });
        }

        await client.CallAsync("BLOBS_CONTENT_UPDATE", new { group_key = "g1", content_key = "a.txt", content = "two" });
        await client.CallAsync("BLOBS_CONTENT_ADD_DIR", new { group_key = "g1", content_key = "/" });
        var keys = (await redis.CliAsync("KEYS", "BLOBS/GID=1/*")).Split('\n').Length;

        Assert.Equal(keys + 1, await client.CallAsync<int>("BLOBS_GROUP_DELETE", "g1"));

        Assert.Equal("", await redis.CliAsync("KEYS", "BLOBS/GID=1/*"));
        Assert.False(await client.CallAsync<bool>("BLOBS_GROUP_EXISTS", "g1"));
        Assert.Equal("one", System.Text.Encoding.UTF8.GetString(await client.ReadAsync(new { group_key = "g10", content_key = "a.txt" })));
        Assert.Equal(["g10", "g2", "g3", "g4", "g5", "g6", "g7", "g8", "g9"], await client.CallAsync<string[]>("BLOBS_GROUP_LIST_NAMES") ?? []);
        Assert.Equal(9, (await client.CallAsync<string[]>("BLOBS_GROUP_LIST"))!.Length);
        Assert.Equal(0, await client.CallAsync<int>("BLOBS_GROUP_DELETE", "g1"));
    }

    [Fact]
    public async Task All_is_deleted_only_where_an_option_allows_it_and_the_caller_is_sure()
    {
        await using var redis = await Redis.Tests.RedisServer.StartAsync();
        await using var server = await BlobServer.StartAsync(redis.Uri, static options => options.Blobs.BlobsDeleteAll = true);
        await using var client = await server.ConnectAsync();
        await redis.CliAsync("SET", "other", "1");
        await client.CallAsync("BLOBS_GROUP_ADD", "a");
        await client.CallAsync("BLOBS_CONTENT_ADD", new object[] { "a", "text", "a.txt" });

        Assert.StartsWith("PermissionError", await _client.FailAsync("BLOBS_DELETE_ALL", "I'm crazy!"), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await client.FailAsync("BLOBS_DELETE_ALL", "I am crazy"), StringComparison.Ordinal);
        var keys = (await redis.CliAsync("KEYS", "BLOBS/*")).Split('\n').Length;
        Assert.Equal(keys, await client.CallAsync<int>("BLOBS_DELETE_ALL", "I'm crazy!"));
        Assert.Equal("", await redis.CliAsync("KEYS", "BLOBS/*"));
        Assert.Equal("1", await redis.CliAsync("GET", "other"));
    }
}
