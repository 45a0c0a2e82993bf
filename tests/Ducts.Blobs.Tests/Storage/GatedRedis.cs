using Ducts.Redis;
using Ducts.Redis.Tests;

namespace Ducts.Blobs.Tests.Storage;

/// <summary>A real Redis, or a real cluster of three masters, to which every client comes through a gate.</summary>
internal sealed class GatedRedis : IAsyncDisposable
{
    private readonly IAsyncDisposable _servers;

    private GatedRedis(CallGate gate, IAsyncDisposable servers)
    {
        Gate = gate;
        _servers = servers;
    }

    public CallGate Gate { get; }

    public static async Task<GatedRedis> StartAsync(bool isCluster)
    {
        var gate = new CallGate(isCluster ? RedisCluster.Count : 1);
        if (!isCluster)
        {
            var single = await RedisServer.StartAsync();
            gate.LeadTo([single]);
            return new(gate, single);
        }

        // A node names the other nodes, and itself, by the doors that lead to them.
        var cluster = await RedisCluster.StartAsync(announced: gate.Ports);
        gate.LeadTo(cluster.Masters);
        return new(gate, cluster);
    }

    public Task<RedisClient> ConnectAsync() => Clients.ConnectAsync($"redis://{string.Join(',', Gate.Ports.Select(static port => $"127.0.0.1:{port}"))}");

    public async ValueTask DisposeAsync()
    {
        await Gate.DisposeAsync();
        await _servers.DisposeAsync();
    }
}
