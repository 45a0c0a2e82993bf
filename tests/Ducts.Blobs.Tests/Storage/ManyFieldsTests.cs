using System.Globalization;
using Ducts.Blobs.Storage;
using Ducts.Redis;
using Ducts.Redis.Tests;

namespace Ducts.Blobs.Tests.Storage;

/// <summary>Metadata of more fields than a script can write at once.</summary>
public sealed class ManyFieldsTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private RedisClient _client = null!;
    private Stores _stores = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _client = await Clients.ConnectAsync(_redis.Uri);
        _stores = new Stores(_client);
        await _stores.AddGroupAsync("g");
        await _stores.AddAsync("g", "a", "a");
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Theory]
    [InlineData(BlobScripts.MaxFields + 1)]
    [InlineData(2 * BlobScripts.MaxFields)]
    public async Task Too_many_fields_are_refused_and_leave_nothing(int count)
    {
        var before = await StoredState.ReadAsync(_stores);
        var fields = Fields(count);

        await AssertRefusedAsync(() => _stores.Groups.AddAsync("new", "", "", fields, default));
        await AssertRefusedAsync(() => _stores.Groups.UpdateAsync("g", "", "", fields, default));
        await AssertRefusedAsync(() => _stores.Contents.AddAsync("g", "", NewContent.Of("new", "") with { Extra = fields }, "text", default));
        await AssertRefusedAsync(() => _stores.Contents.UpdateAsync("g", "a", "other text", "", fields, default));
        await AssertRefusedAsync(() => _stores.Contents.UpdateAsync("g", "a", null, "", fields, default));
        await AssertRefusedAsync(() => _stores.Contents.AddDirectoryAsync("g", "new", null, "", fields, default));

        Assert.Equal(before, await StoredState.ReadAsync(_stores));
        await Invariants.CheckAsync(_client, await _stores.Redis.KeysAsync(default));
    }

    [Fact]
    public async Task A_buffer_whose_content_has_too_many_fields_can_be_used_again()
    {
        var buffer = await _stores.FillAsync([1, 2, 3]);

        await AssertRefusedAsync(() => _stores.Contents.AddByBufferAsync("g", "", NewContent.Of("new", "") with { Extra = Fields(2 * BlobScripts.MaxFields) }, Stores.Owner, buffer, default));

        await Invariants.CheckAsync(_client, await _stores.Redis.KeysAsync(default));
        await _stores.AddByBufferAsync("g", "new", buffer);
        Assert.Equal("\u0001\u0002\u0003", await _stores.ReadTextAsync("g", "new"));
    }

    [Fact]
    public async Task As_many_fields_as_are_allowed_are_stored_updated_and_reverted()
    {
        // The server's own: content_key_name, content_type, last_modified, encoding, content_key, cid, content_length, order.
        var added = await _stores.Contents.AddAsync("g", "", NewContent.Of("new", "") with { Extra = Fields(BlobScripts.MaxFields - 8) }, "text", default);
        await _stores.UpdateAsync("g", "new", "other text");
        await _stores.Contents.RevertAsync("g", "new", added.Version, "", default);

        Assert.Equal("text", await _stores.ReadTextAsync("g", "new"));
        await _stores.UpdateAsync("g", "new", "last text");
        Assert.Equal("1", (await _stores.Reader.GetAsync("g", "new", "", "", default)).Fields["f1"]);
    }

    private static Dictionary<string, object?> Fields(int count) =>
        Enumerable.Range(0, count).ToDictionary(static i => string.Create(CultureInfo.InvariantCulture, $"f{i}"), static i => (object?)i, StringComparer.Ordinal);

    private static async Task AssertRefusedAsync(Func<Task> write)
    {
        var exception = await Assert.ThrowsAsync<EventException>(write);
        Assert.Equal($"the metadata has more than {BlobScripts.MaxFields} fields", exception.Message);
    }
}
