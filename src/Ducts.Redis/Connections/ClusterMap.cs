using System.Net;
using StackExchange.Redis;

namespace Ducts.Redis.Connections;

/// <summary>What the library knows of a cluster: which nodes there are, who has the keys, who is lost.</summary>
internal static class ClusterMap
{
    /// <summary>Returns the servers that have keys; none before the map is known.</summary>
    public static IReadOnlyList<IServer> Masters(IConnectionMultiplexer multiplexer)
    {
        var servers = multiplexer.GetServers();
        return Find(servers) is { } map ? [.. servers.Where(server => map[server.EndPoint] is { IsReplica: false, Slots.Count: > 0 })] : [];
    }

    /// <summary>Returns the endpoints of the nodes that the cluster itself reaches.</summary>
    public static IEnumerable<EndPoint> Nodes(IConnectionMultiplexer multiplexer) =>
        Find(multiplexer.GetServers())?.Nodes.Where(static node => node is { IsConnected: true, EndPoint: not null }).Select(static node => node.EndPoint!) ?? [];

    /// <summary>Returns whether the node of a key is known, and not connected to.</summary>
    public static bool IsOwnerLost(IConnectionMultiplexer multiplexer, RedisKey key)
    {
        var servers = multiplexer.GetServers();
        return Find(servers)?.GetBySlot(key)?.EndPoint is { } node
            && servers.FirstOrDefault(server => Equals(server.EndPoint, node)) is not { IsConnected: true };
    }

    /// <summary>
    /// Lets the library connect to all nodes: it prunes one that is absent from the map for a moment, and does not connect to
    /// it when the map has it again, before something is sent to it.
    /// </summary>
    public static void WakeAll(IConnectionMultiplexer multiplexer)
    {
        foreach (var server in multiplexer.GetServers().Where(static server => !server.IsConnected))
        {
            _ = WakeAsync(server);
        }
    }

    private static ClusterConfiguration? Find(IServer[] servers) =>
        servers.Where(static server => server.IsConnected).Select(static server => server.ClusterConfiguration).FirstOrDefault(static map => map is not null);

    private static async Task WakeAsync(IServer server)
    {
        try
        {
            await server.PingAsync();
        }
        catch (Exception)
        {
            // The attempt to connect counts, and reports itself.
        }
    }
}
