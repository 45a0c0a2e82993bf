using Ducts.Blobs.Storage;
using Ducts.Blobs.Tests.Support;
using Ducts.Client;

namespace Ducts.Blobs.Tests.Events;

public sealed class DirectoryEventTests(BlobFixture fixture)
{
    private readonly DuctsClient _client = fixture.Client;

    [Fact]
    public async Task A_directory_is_a_content_with_an_entry_for_itself()
    {
        var group = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, "x", "first" });

        var added = await _client.CallAsync("BLOBS_CONTENT_ADD_DIR", new { group_key = group.Name, content_key = "/", title = "Root" });

        var key = BlobKeys.Hash("/");
        Assert.Equal((group.Key, key), (added.Text("group_key"), added.Text("content_key")));
        Assert.Equal($".\n{group.Key}.{key}.latest.1", await fixture.Redis.CliAsync("HGETALL", $"BLOBS/GID={group.Gid}/CID=2/DIR"));
        var metadata = (await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { group.Name, "/" }))[1];
        Assert.Equal(
            ("2", "1", "application/json", "20", "/", "Root"),
            (metadata.Text("cid"), metadata.Text("is_dir"), metadata.Text("content_type"), metadata.Text("order"), metadata.Text("content_key_name"), metadata.Text("title")));
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_CONTENT_ADD_DIR", new object[] { group.Name, "/" }), StringComparison.Ordinal);

        var unnamed = await _client.CallAsync("BLOBS_CONTENT_ADD_DIR", group.Name);
        Assert.Equal(BlobKeys.Hash($"BLOBS/GID={group.Gid}/CID=4/DIR"), unnamed.Text("content_key"));
    }

    [Fact]
    public async Task Files_are_added_listed_and_removed()
    {
        var group = await AddTreeAsync();

        var files = await _client.CallAsync("BLOBS_DIR_LIST_FILES", new object[] { group.Name, "/" });
        Assert.Equal([".", "docs", "readme"], files.Names().Order());
        Assert.Equal(
            $$"""{"group_key":"{{group.Key}}","content_key":"{{BlobKeys.Hash("readme.txt")}}","version":"latest","is_dir":"0"}""",
            files.GetProperty("readme").ToString());
        Assert.Equal("1", files.GetProperty("docs").Text("is_dir"));
        Assert.Equal($"{group.Key}.{BlobKeys.Hash("readme.txt")}.latest.0", await fixture.Redis.CliAsync("HGET", $"BLOBS/GID={group.Gid}/CID=1/DIR", "readme"));

        var left = await _client.CallAsync("BLOBS_DIR_RM_FILES", new { group_key = group.Name, content_key = "/", files = new object[] { "readme", new { filename = "docs" } } });
        Assert.Equal(["."], left.Names());
        Assert.True(await _client.CallAsync<bool>("BLOBS_CONTENT_EXISTS", new object[] { group.Name, "readme.txt" }));

        var back = await _client.CallAsync("BLOBS_DIR_ADD_FILES", new object[] { group.Name, "/", "", new[] { new { filename = "again", content_key = "readme.txt" } } });
        Assert.Equal([".", "again"], back.Names().Order());
        Assert.Equal(["."], (await _client.CallAsync("BLOBS_DIR_RM_FILES", new object[] { group.Name, "/", "", "again" })).Names());
    }

    [Fact]
    public async Task What_does_not_fit_a_directory_is_refused_and_changes_nothing()
    {
        var group = await AddTreeAsync();
        object Add(params object[] files) => new { group_key = group.Name, content_key = "/", files };

        var file = new { filename = "new", content_key = "readme.txt" };
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_DIR_ADD_FILES", Add(file, file)), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_DIR_ADD_FILES", Add(file, new { filename = "docs", content_key = "readme.txt" })), StringComparison.Ordinal);
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_DIR_ADD_FILES", Add(file, new { filename = "other", content_key = "nothing" })), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_DIR_RM_FILES", new { group_key = group.Name, content_key = "/", files = new[] { "docs", "nothing" } }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_DIR_RM_FILES", new { group_key = group.Name, content_key = "/", files = "." }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_DIR_LIST_FILES", new object[] { group.Name, "readme.txt" }), StringComparison.Ordinal);
        Assert.StartsWith("KeyError", await _client.FailAsync("BLOBS_DIR_LIST_FILES", new object[] { group.Name, "nothing" }), StringComparison.Ordinal);

        Assert.Equal([".", "docs", "readme"], (await _client.CallAsync("BLOBS_DIR_LIST_FILES", new object[] { group.Name, "/" })).Names().Order());
    }

    [Fact]
    public async Task A_path_leads_through_directories_and_into_other_groups()
    {
        var group = await AddTreeAsync();
        var other = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD", new object[] { other.Name, "far", "far.txt" });
        await _client.CallAsync("BLOBS_CONTENT_ADD_DIR", new object[] { other.Name, "shelf" });
        await _client.CallAsync("BLOBS_DIR_ADD_FILES", new { group_key = other.Name, content_key = "shelf", files = new[] { new { filename = "far", content_key = "far.txt" } } });
        await _client.CallAsync("BLOBS_DIR_ADD_FILES", new { group_key = group.Name, content_key = "docs/", files = new[] { new { filename = "shelf", content_key = "shelf", group_key = other.Name } } });

        Assert.True(await _client.CallAsync<bool>("BLOBS_DIR_FILE_EXISTS", new object[] { group.Name, "docs/guide" }));
        Assert.True(await _client.CallAsync<bool>("BLOBS_DIR_FILE_EXISTS", new { group_key = group.Name, path = "/docs/shelf/far" }));
        Assert.False(await _client.CallAsync<bool>("BLOBS_DIR_FILE_EXISTS", new object[] { group.Name, new[] { "docs", "none" } }));
        Assert.False(await _client.CallAsync<bool>("BLOBS_DIR_FILE_EXISTS", new object[] { group.Name, "none/none" }));
        Assert.False(await _client.CallAsync<bool>("BLOBS_DIR_FILE_EXISTS", new object[] { group.Name + "x", "docs" }));

        var found = await _client.CallAsync("BLOBS_DIR_FILE_METADATA", new object[] { group.Name, new[] { "docs", "shelf", "far" } });
        Assert.Equal(3, found.GetArrayLength());
        Assert.Equal((other.Gid, "far.txt"), (found[1].Text("gid"), found[2].Text("content_key_name")));
        var newest = await _client.CallAsync("BLOBS_CONTENT_METADATA", new object[] { other.Name, "far.txt" });
        Assert.Equal(newest[0].GetString(), found[0].GetString());

        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_DIR_FILE_EXISTS", new object[] { group.Name, "readme/below" }), StringComparison.Ordinal);
        Assert.StartsWith("ValueError", await _client.FailAsync("BLOBS_DIR_FILE_METADATA", new object[] { group.Name, "readme/below" }), StringComparison.Ordinal);
        Assert.StartsWith("FileNotFoundError", await _client.FailAsync("BLOBS_DIR_FILE_METADATA", new object[] { group.Name, "docs/none" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_a_directory_is_a_version_of_it()
    {
        var group = await AddTreeAsync();

        var before = (await _client.CallAsync("BLOBS_CONTENT_VERSIONS", new object[] { group.Name, "/" })).GetArrayLength();
        await _client.CallAsync("BLOBS_DIR_RM_FILES", new { group_key = group.Name, content_key = "/", files = "docs" });

        Assert.Equal(before + 1, (await _client.CallAsync("BLOBS_CONTENT_VERSIONS", new object[] { group.Name, "/" })).GetArrayLength());
    }

    private async Task<Group> AddTreeAsync()
    {
        var group = await fixture.AddGroupAsync();
        await _client.CallAsync("BLOBS_CONTENT_ADD_DIR", new object[] { group.Name, "/" });
        await _client.CallAsync("BLOBS_CONTENT_ADD_DIR", new object[] { group.Name, "docs/" });
        await _client.CallAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, "read me", "readme.txt" });
        await _client.CallAsync("BLOBS_CONTENT_ADD", new object[] { group.Name, "guide", "guide.md" });
        await _client.CallAsync("BLOBS_DIR_ADD_FILES", new
        {
            group_key = group.Name,
            content_key = "/",
            files = new[] { new { filename = "docs", content_key = "docs/" }, new { filename = "readme", content_key = "readme.txt" } },
        });
        await _client.CallAsync("BLOBS_DIR_ADD_FILES", new { group_key = group.Name, content_key = "docs/", files = new[] { new { filename = "guide", content_key = "guide.md" } } });
        return group;
    }
}
