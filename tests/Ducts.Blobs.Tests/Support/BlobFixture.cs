using Ducts.Blobs.Tests.Support;
using Ducts.Client;
using Ducts.Redis.Tests;

[assembly: AssemblyFixture(typeof(BlobFixture))]

namespace Ducts.Blobs.Tests.Support;

/// <summary>One server with one Redis and one client, for tests that keep to groups of their own.</summary>
public sealed class BlobFixture : IAsyncLifetime
{
    private RedisServer? _redis;
    private BlobServer? _server;
    private DuctsClient? _client;

    internal RedisServer Redis => _redis!;

    internal BlobServer Server => _server!;

    internal DuctsClient Client => _client!;

    internal HttpClient Http => _server!.Http;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _server = await BlobServer.StartAsync(_redis.Uri);
        _client = await _server.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _client!.DisposeAsync();
        await _server!.DisposeAsync();
        await _redis!.DisposeAsync();
    }

    /// <summary>Adds a group of a name that no other test has.</summary>
    internal async Task<Group> AddGroupAsync()
    {
        var name = $"group.{Guid.NewGuid():N}";
        var key = await Client.CallAsync<string>("BLOBS_GROUP_ADD", name);
        var metadata = await Client.CallAsync("BLOBS_GROUP_METADATA", name);
        return new Group(name, key!, metadata[1].GetProperty("gid").GetString()!);
    }
}

/// <summary>A group of one test.</summary>
/// <param name="Name">Its text key.</param>
/// <param name="Key">Its key.</param>
/// <param name="Gid">Its number.</param>
internal sealed record Group(string Name, string Key, string Gid);
