using System.IO.Pipelines;
using Ducts.Blobs.Storage;
using Ducts.Blobs.Web;
using Ducts.Redis;

namespace Ducts.Blobs.Tests.Storage;

/// <summary>A server that is killed between two calls of Redis, at each place where there are two.</summary>
public sealed class KilledWriterTests
{
    private const int MaxCalls = 40;

    private static readonly byte[] Large = new byte[ContentReader.PieceSize + 200_000];
    private static readonly byte[] Small = "small"u8.ToArray();

    private static readonly (string Name, Func<Stores, Task> Write)[] Writes =
    [
        ("add a group", static stores => stores.AddGroupAsync("new")),
        ("update a group", static stores => stores.Groups.UpdateAsync("g", "", "", new Dictionary<string, object?> { ["a"] = 1 }, default)),
        ("add a content", static stores => stores.AddAsync("g", "new", "text")),
        ("add a content without a key", static stores => stores.AddAsync("g", "", "text")),
        ("add bytes that are there", static stores => stores.AddAsync("g", "new", "a")),
        ("update a content", static stores => stores.UpdateAsync("g", "a", "more text")),
        ("update metadata", static stores => stores.UpdateAsync("g", "a", null, new() { ["order"] = 77 })),
        ("open a buffer", static stores => stores.Buffers.OpenAsync(Stores.Owner, default)),
        ("fill a buffer and delete it", static async stores => await stores.Buffers.DeleteAsync(Stores.Owner, await stores.FillAsync(Large), default)),
        ("add by buffer", static async stores => await stores.AddByBufferAsync("g", "new", await stores.FillAsync(Large))),
        ("add by buffer without a key", static async stores => await stores.AddByBufferAsync("g", "", await stores.FillAsync(Small))),
        ("add bytes that are there by buffer", static async stores => await stores.AddByBufferAsync("g", "new", await stores.FillAsync("a"u8.ToArray()))),
        ("update by buffer", static async stores => await stores.UpdateByBufferAsync("g", "a", await stores.FillAsync(Small))),
        ("upload", static stores => UploadAsync(stores, "new", Large, isAnnounced: true, ContentWrite.NoVersion)),
        ("upload of unknown length", static stores => UploadAsync(stores, "a", Large, isAnnounced: false, null)),
        ("upload that is refused", static stores => UploadAsync(stores, "a", Small, isAnnounced: true, ContentWrite.NoVersion)),
        ("revert", static async stores => await stores.Contents.RevertAsync("g", "b", (string)(await stores.Reader.ListVersionsAsync("g", "b", "+", "", 10, default))[^1][0], "", default)),
        ("add a directory", static stores => stores.AddDirectoryAsync("g", "new")),
        ("add files", static stores => stores.Directories.AddAsync("g", "/", "", [new("a", "a", "", ""), new("b", "b", "", "")], default)),
        ("remove files", static stores => stores.Directories.RemoveAsync("g", "/", "", ["there", "too"], default)),
        ("delete a group", static stores => stores.Groups.DeleteAsync("g", "", default)),
        ("delete everything", static stores => stores.Groups.DeleteAllAsync(default)),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_killed_between_any_two_calls_leaves_nothing_half_written(bool isCluster)
    {
        await using var redis = await GatedRedis.StartAsync(isCluster);
        await CheckAndPrepareAsync(redis);
        var old = await CheckAndPrepareAsync(redis);
        foreach (var (name, write) in Writes)
        {
            var found = new List<string>();
            for (var whole = false; !whole;)
            {
                Assert.InRange(found.Count, 0, MaxCalls);
                whole = await TryAsync(redis, found.Count, write);
                try
                {
                    found.Add(await CheckAndPrepareAsync(redis));
                }
                catch (Exception exception) when (exception is Xunit.Sdk.XunitException or EventException)
                {
                    Assert.Fail($"{name}, killed after {found.Count} calls: {exception.Message}");
                }
            }

            Assert.All(found, (state, calls) => Assert.True(state == old || state == found[^1], $"{name}, killed after {calls} calls:\n{state}\nneither is as before:\n{old}\nnor as written:\n{found[^1]}"));
        }
    }

    /// <summary>Runs a write whose process dies after so many calls; true if it was done by then.</summary>
    private static async Task<bool> TryAsync(GatedRedis redis, int calls, Func<Stores, Task> write)
    {
        await using var client = await redis.ConnectAsync();
        var stores = new Stores(client);
        await stores.Redis.KeysAsync(default);
        var closed = redis.Gate.Begin(calls);
        var writing = write(stores);
        if (await Task.WhenAny(writing, closed) == writing)
        {
            await writing;
            return true;
        }

        // What the dead process would still have waited for.
        _ = writing.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        return false;
    }

    /// <summary>Checks as a server that comes later that all is whole, and puts what the next write finds in its place.</summary>
    /// <returns>What there was.</returns>
    private static async Task<string> CheckAndPrepareAsync(GatedRedis redis)
    {
        await redis.Gate.EndAsync();
        await using var client = await redis.ConnectAsync();
        var stores = new Stores(client);
        await Invariants.CheckAsync(client, await stores.Redis.KeysAsync(default));
        var found = await StoredState.ReadAsync(stores);
        await stores.Groups.DeleteAllAsync(default);
        await stores.AddGroupAsync("g");
        await stores.AddAsync("g", "a", "a");
        await stores.AddAsync("g", "b", "b");
        await stores.UpdateAsync("g", "b", "c");
        await stores.AddDirectoryAsync("g", "/");
        await stores.Directories.AddAsync("g", "/", "", [new("there", "a", "", ""), new("too", "b", "", "")], default);
        return found;
    }

    private static async Task UploadAsync(Stores stores, string key, byte[] bytes, bool isAnnounced, string? expected)
    {
        await using var upload = await Upload.ReceiveAsync(stores.Buffers, PipeReader.Create(new MemoryStream(bytes)), isAnnounced ? bytes.Length : null, bytes.Length, default);
        var fields = ContentFields.OfNew(NewContent.Of(key, ""), FieldText.DefaultType, stores.Contents.Now);
        await stores.Contents.TryWriteAsync(new(WriteKind.Put, "g", "", key, upload!.Source, fields) { Expected = expected }, default);
    }
}
