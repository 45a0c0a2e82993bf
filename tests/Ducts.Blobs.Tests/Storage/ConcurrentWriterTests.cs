using Ducts.Blobs.Storage;
using Ducts.Redis;
using Ducts.Redis.Tests;

namespace Ducts.Blobs.Tests.Storage;

public sealed class ConcurrentWriterTests
{
    // DUCTS_TEST_BLOB_WRITERS=50x200 is the full size.
    private static readonly int[] Size =
        [.. (Environment.GetEnvironmentVariable("DUCTS_TEST_BLOB_WRITERS") ?? "50x20").Split('x').Select(int.Parse)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Versions_of_many_writers_are_all_there_and_each_is_readable(bool isCluster)
    {
        await using var redis = isCluster ? null : await RedisServer.StartAsync();
        await using var cluster = isCluster ? await RedisCluster.StartAsync() : null;
        var uri = cluster?.Uri ?? redis!.Uri;
        var (writers, updates) = (Size[0], Size[1]);
        await using var client = await Clients.ConnectAsync(uri);
        var stores = new Stores(client);
        await stores.AddGroupAsync("g");
        await stores.AddAsync("g", "a", "first");

        // A few processes, as servers that share a Redis.
        var clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Clients.ConnectAsync(uri)));
        var written = await Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
        {
            var own = new Stores(clients[writer % clients.Length]);
            var versions = new List<(string Version, string Text)>();
            for (var i = 0; i < updates; i++)
            {
                var text = $"{writer}.{i}";
                versions.Add(((await own.UpdateAsync("g", "a", text)).Version, text));
            }

            return versions;
        }));
        foreach (var each in clients)
        {
            await each.DisposeAsync();
        }

        var all = written.SelectMany(static versions => versions).ToDictionary(static pair => pair.Version, static pair => pair.Text, StringComparer.Ordinal);
        Assert.Equal(writers * updates, all.Count);
        var listed = await stores.Reader.ListVersionsAsync("g", "a", "+", "", all.Count + 10, default);
        Assert.Equal(all.Keys.Order(StringComparer.Ordinal), listed.SkipLast(1).Select(static version => (string)version[0]).Order(StringComparer.Ordinal));
        foreach (var (version, text) in all)
        {
            Assert.Equal(text, await stores.ReadTextAsync("g", "a", version));
        }

        await Invariants.CheckAsync(client, await stores.Redis.KeysAsync(default));
    }

    [Fact]
    public async Task One_of_two_adds_of_a_key_wins()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var client = await redis.ConnectAsync();
        var stores = new Stores(client);
        for (var round = 0; round < 20; round++)
        {
            var group = $"g{round}";
            Assert.Single(await OutcomesAsync(() => stores.AddGroupAsync(group)), static outcome => outcome == "ok");
            Assert.Equal(["KeyError", "KeyError", "KeyError", "ok"], (await OutcomesAsync(() => stores.AddAsync(group, "a", "text"))).Order(StringComparer.Ordinal));
            Assert.Equal(["KeyError", "KeyError", "KeyError", "ok"], (await OutcomesAsync(() => stores.AddDirectoryAsync(group, "/"))).Order(StringComparer.Ordinal));
        }

        await Invariants.CheckAsync(client, await stores.Redis.KeysAsync(default));
    }

    private static Task<string[]> OutcomesAsync(Func<Task> write) => Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
    {
        try
        {
            await write();
            return "ok";
        }
        catch (EventException exception)
        {
            return exception.Name;
        }
    }));

    [Fact]
    public async Task In_a_cluster_all_keys_are_of_one_slot_and_everything_works()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var client = await Clients.ConnectAsync(cluster.Uri);
        var stores = new Stores(client);
        await stores.AddGroupAsync("g");
        await stores.AddGroupAsync("h");
        await stores.AddAsync("g", "a", "one");
        await stores.UpdateAsync("g", "a", "two");
        var first = (await stores.Reader.ListVersionsAsync("g", "a", "+", "", 10, default))[^1][0];
        await stores.Contents.RevertAsync("g", "a", (string)first, "", default);
        await stores.AddByBufferAsync("h", "b", await stores.FillAsync(new byte[700_000]));
        await stores.UpdateByBufferAsync("h", "b", await stores.FillAsync("text"u8.ToArray()));
        await stores.AddDirectoryAsync("g", "/");
        await stores.Directories.AddAsync("g", "/", "", [new("b", "b", "h", "")], default);

        Assert.Equal("one", await stores.ReadTextAsync("g", "a"));
        Assert.Equal("text", await stores.ReadTextAsync("h", "b"));
        Assert.NotNull(await stores.Directories.FindAsync("g", ["b"], "", default));
        Assert.Equal(new[] { BlobKeys.Hash("g"), BlobKeys.Hash("h") }.Order(StringComparer.Ordinal), await stores.Groups.ListAsync(default));
        Assert.Equal("g h", string.Join(" ", await stores.Groups.ListNamesAsync(default)));
        await Invariants.CheckAsync(client, await stores.Redis.KeysAsync(default));

        var keys = new List<string>();
        await foreach (var key in client.ScanAsync("*"))
        {
            keys.Add(key);
        }

        Assert.All(keys, static key => Assert.StartsWith("{BLOBS}/BLOBS/", key, StringComparison.Ordinal));
        await stores.Groups.DeleteAsync("g", "", default);
        Assert.Equal("h", string.Join(" ", await stores.Groups.ListNamesAsync(default)));
        await stores.Groups.DeleteAllAsync(default);
        Assert.Empty(await stores.Groups.ListAsync(default));
    }
}
