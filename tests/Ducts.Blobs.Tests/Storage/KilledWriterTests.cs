using Ducts.Redis;
using Ducts.Redis.Tests;

namespace Ducts.Blobs.Tests.Storage;

/// <summary>A server that is killed between two calls of Redis, at each place where there are two.</summary>
public sealed class KilledWriterTests
{
    [Fact]
    public async Task A_server_killed_between_any_two_calls_leaves_nothing_half_written()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var observer = await redis.ConnectAsync();
        (string Name, Func<Stores, Task> Write)[] writes =
        [
            ("add a group", static stores => stores.AddGroupAsync("new")),
            ("update a group", static stores => stores.Groups.UpdateAsync("g", "", "", new Dictionary<string, object?> { ["a"] = 1 }, default)),
            ("add a content", static stores => stores.AddAsync("g", "new", "text")),
            ("update a content", static stores => stores.UpdateAsync("g", "a", "more text")),
            ("update metadata", static stores => stores.UpdateAsync("g", "a", null, new() { ["order"] = 77 })),
            ("add by buffer", static async stores => await stores.AddByBufferAsync("g", "new", await stores.FillAsync(new byte[700_000]))),
            ("update by buffer", static async stores => await stores.UpdateByBufferAsync("g", "a", await stores.FillAsync(new byte[700_000]))),
            ("revert", static async stores => await stores.Contents.RevertAsync("g", "a", (await stores.Reader.GetAsync("g", "a", "", "", default)).Version, "", default)),
            ("add a directory", static stores => stores.AddDirectoryAsync("g", "new")),
            ("add files", static stores => stores.Directories.AddAsync("g", "/", "", [new("a", "a", "", ""), new("b", "b", "", "")], default)),
            ("remove files", static stores => stores.Directories.RemoveAsync("g", "/", "", ["there"], default)),
            ("delete a group", static stores => stores.Groups.DeleteAsync("g", "", default)),
        ];
        foreach (var (name, write) in writes)
        {
            var whole = false;
            for (var calls = 0; !whole; calls++)
            {
                Assert.InRange(calls, 0, 20);
                await observer.ExecuteAsync("FLUSHALL");
                await PrepareAsync(new Stores(observer));
                whole = await TryAsync(redis, calls, write);

                var keys = await new Stores(observer).Redis.KeysAsync(default);
                try
                {
                    await Invariants.CheckAsync(observer, keys);
                }
                catch (Xunit.Sdk.XunitException exception)
                {
                    Assert.Fail($"{name}, killed after {calls} calls: {exception.Message}");
                }
            }
        }
    }

    private static async Task PrepareAsync(Stores stores)
    {
        await stores.AddGroupAsync("g");
        await stores.AddAsync("g", "a", "a");
        await stores.AddAsync("g", "b", "b");
        await stores.AddDirectoryAsync("g", "/");
        await stores.Directories.AddAsync("g", "/", "", [new("there", "a", "", "")], default);
    }

    /// <summary>Runs a write whose process dies after so many calls; true if it was done by then.</summary>
    private static async Task<bool> TryAsync(RedisServer redis, int calls, Func<Stores, Task> write)
    {
        await using var gate = new CallGate(redis, calls);
        await using var client = await Clients.ConnectAsync(gate.Uri, static options => options.CommandTimeout = TimeSpan.FromSeconds(20));
        var stores = new Stores(client);
        await stores.Redis.KeysAsync(default);
        gate.Begin();
        var writing = write(stores);
        if (await Task.WhenAny(writing, gate.Closed) == writing)
        {
            await writing;
            return true;
        }

        // What the dead process would still have waited for.
        _ = writing.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        return false;
    }
}
