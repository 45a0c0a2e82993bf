using Ducts.Redis;
using Ducts.Redis.Tests;

namespace Ducts.Blobs.Tests.Storage;

/// <summary>Tests of the stores over a Redis of their own, which has an empty group <c>g</c>.</summary>
public abstract class StoresTests : IAsyncLifetime
{
    private protected RedisServer Redis { get; private set; } = null!;

    private protected RedisClient Client { get; private set; } = null!;

    private protected Stores Stores { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Redis = await RedisServer.StartAsync();
        Client = await Clients.ConnectAsync(Redis.Uri);
        Stores = new Stores(Client);
        await Stores.AddGroupAsync("g");
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Redis.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
