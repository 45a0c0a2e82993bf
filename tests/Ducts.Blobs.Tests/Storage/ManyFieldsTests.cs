using System.Globalization;
using Ducts.Blobs.Storage;
using Ducts.Redis;
using Ducts.Redis.Tests;

namespace Ducts.Blobs.Tests.Storage;

/// <summary>Metadata of more fields than a script can write at once.</summary>
public sealed class ManyFieldsTests : StoresTests
{
    [Theory]
    [InlineData(BlobScripts.MaxFields + 1)]
    [InlineData(2 * BlobScripts.MaxFields)]
    public async Task Too_many_fields_are_refused_and_leave_nothing(int count)
    {
        await Stores.AddAsync("g", "a", "a");
        var before = await StoredState.ReadAsync(Stores);
        var fields = Fields(count);

        await AssertRefusedAsync(() => Stores.Groups.AddAsync("new", "", "", fields, default));
        await AssertRefusedAsync(() => Stores.Groups.UpdateAsync("g", "", "", fields, default));
        await AssertRefusedAsync(() => Stores.Contents.AddAsync("g", "", NewContent.Of("new", "") with { Extra = fields }, "text", default));
        await AssertRefusedAsync(() => Stores.Contents.UpdateAsync("g", "a", "other text", "", fields, default));
        await AssertRefusedAsync(() => Stores.Contents.UpdateAsync("g", "a", null, "", fields, default));
        await AssertRefusedAsync(() => Stores.Contents.AddDirectoryAsync("g", "new", null, "", fields, default));

        Assert.Equal(before, await StoredState.ReadAsync(Stores));
        await Invariants.CheckAsync(Client, await Stores.Redis.KeysAsync(default));
    }

    [Fact]
    public async Task A_directory_that_others_wrote_with_more_fields_keeps_its_files()
    {
        await Stores.AddAsync("g", "a", "a");
        await Stores.AddDirectoryAsync("g", "/");
        var keys = await Stores.Redis.KeysAsync(default);
        var directory = await Stores.Reader.GetAsync("g", "/", "", "", default);
        var fields = directory.Fields.Concat(Fields(4_500).Select(static field => KeyValuePair.Create(field.Key, $"{field.Value}")));
        await Client.XAddAsync(keys.Content(directory.Group.Gid, directory.Key), fields, null, default);
        var before = await StoredState.ReadAsync(Stores);

        await AssertRefusedAsync(() => Stores.Directories.AddAsync("g", "/", "", [new("file", "a", "", "")], default));

        Assert.Equal(before, await StoredState.ReadAsync(Stores));
    }

    [Fact]
    public async Task A_buffer_whose_content_has_too_many_fields_can_be_used_again()
    {
        var buffer = await Stores.FillAsync([1, 2, 3]);

        await AssertRefusedAsync(() => Stores.Contents.AddByBufferAsync("g", "", NewContent.Of("new", "") with { Extra = Fields(2 * BlobScripts.MaxFields) }, Stores.Owner, buffer, default));

        await Invariants.CheckAsync(Client, await Stores.Redis.KeysAsync(default));
        await Stores.AddByBufferAsync("g", "new", buffer);
        Assert.Equal("\u0001\u0002\u0003", await Stores.ReadTextAsync("g", "new"));
    }

    [Fact]
    public async Task As_many_fields_as_are_allowed_are_stored_updated_and_reverted()
    {
        // The server's own: content_key_name, content_type, last_modified, encoding, content_key, cid, content_length, order.
        var added = await Stores.Contents.AddAsync("g", "", NewContent.Of("new", "") with { Extra = Fields(BlobScripts.MaxFields - 8) }, "text", default);
        await Stores.UpdateAsync("g", "new", "other text");
        await Stores.Contents.RevertAsync("g", "new", added.Version, "", default);

        Assert.Equal("text", await Stores.ReadTextAsync("g", "new"));
        await Stores.UpdateAsync("g", "new", "last text");
        Assert.Equal("1", (await Stores.Reader.GetAsync("g", "new", "", "", default)).Fields["f1"]);
    }

    private static Dictionary<string, object?> Fields(int count) =>
        Enumerable.Range(0, count).ToDictionary(static i => string.Create(CultureInfo.InvariantCulture, $"f{i}"), static i => (object?)i, StringComparer.Ordinal);

    private static async Task AssertRefusedAsync(Func<Task> write)
    {
        var exception = await Assert.ThrowsAsync<EventException>(write);
        Assert.Equal($"the metadata has more than {BlobScripts.MaxFields} fields", exception.Message);
    }
}
