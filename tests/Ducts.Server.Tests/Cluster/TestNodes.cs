using Ducts.Cluster;
using Ducts.Sessions;
using Ducts.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Tests.Cluster;

/// <summary>Some servers that are the nodes of one cluster.</summary>
internal sealed class TestNodes : IAsyncDisposable
{
    private readonly List<TestNode> _nodes = [];

    private TestNodes(string key) => Key = key;

    /// <summary>What the cluster's keys in Redis begin with.</summary>
    public string Key { get; }

    public TestNode this[int index] => _nodes[index];

    public static async Task<TestNodes> StartAsync(RedisFixture redis, int count, Action<int, DuctsOptions>? configure = null)
    {
        var nodes = new TestNodes($"TEST/{Guid.NewGuid():N}");
        for (var i = 0; i < count; i++)
        {
            var index = i;
            CutStore? store = null;
            var server = await WireServer.StartAsync(
                redis,
                options =>
                {
                    options.Cluster.Cluster = true;
                    options.Cluster.NodeId = $"n{index}";
                    options.Cluster.NodeTtl = TimeSpan.FromSeconds(1);
                    options.Cluster.ClusterKey = nodes.Key;
                    configure?.Invoke(index, options);
                },
                host: host => host.ConfigureServices(services => services.AddSingleton<IClusterStore>(provider =>
                    store = new CutStore(ActivatorUtilities.CreateInstance<RedisClusterStore>(provider)))));
            nodes._nodes.Add(new TestNode(server, store!));
        }

        return nodes;
    }

    /// <summary>Cuts a node off from Redis until the others believe it dead; it goes on all the while.</summary>
    public async Task CutUntilDeadAsync(int index)
    {
        var id = this[index].Id;
        this[index].Store.IsCut = true;
        await Until.TrueAsync(async () => (await _nodes.First(node => node.Id != id).Store.ReadNodeAsync(id, default)).IsDead);
    }

    /// <summary>The names of the cluster's keys in Redis, without what they begin with.</summary>
    public async Task<string[]> KeysAsync(WireServer server)
    {
        var keys = new List<string>();
        await foreach (var key in server.Redis.ScanAsync(Key + "/*"))
            keys.Add(key[(Key.Length + 1)..]);
        return [.. keys.Order(StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            node.Store.IsCut = false;
            await node.Server.DisposeAsync();
        }
    }
}

/// <summary>One of several servers.</summary>
internal sealed record TestNode(WireServer Server, CutStore Store)
{
    public int Port => Server.Port;

    /// <summary>The name that it has now.</summary>
    public string Id => Server.Service<NodeLease>().Id;

    public Session? Find(Issued issued) => Server.Registry.Live.SingleOrDefault(session => session.Ticket.StreamId == issued.StreamId);

    public Task<ResumingClient> ResumeAsync(Issued issued, long received = 0, string? life = null, long attempt = 1) =>
        ResumingClient.OpenAsync(Port, issued, received, life, attempt);
}
