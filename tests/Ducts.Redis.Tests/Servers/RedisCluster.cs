namespace Ducts.Redis.Tests;

/// <summary>Three real masters with a third of the slots each; with a replica each if asked for.</summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    /// <summary>How many masters there are.</summary>
    public const int Count = 3;

    // Redis' own rule: the nodes talk at the port behind that of clients.
    private const int BusOffset = 10000;

    private RedisCluster()
    {
    }

    public List<RedisServer> Masters { get; } = [];

    /// <summary>The replica of the master at the same place; none if they were not asked for.</summary>
    public List<RedisServer> Replicas { get; } = [];

    public string Uri => $"redis://{string.Join(',', Masters.Select(static server => $"127.0.0.1:{server.Port}"))}";

    /// <summary>Starts a cluster.</summary>
    /// <param name="withReplicas">Whether each master has a replica.</param>
    /// <param name="nodeTimeout">After how many milliseconds a node that does not answer is taken for lost.</param>
    /// <param name="announced">The ports that clients are told, one for each master; null for the servers' own.</param>
    public static async Task<RedisCluster> StartAsync(bool withReplicas = false, string nodeTimeout = "3000", IReadOnlyList<int>? announced = null)
    {
        var cluster = new RedisCluster();
        for (var i = 0; i < (withReplicas ? Count * 2 : Count); i++)
        {
            var port = RedisServer.FreePort();
            string[] announcement = announced is null ? [] : ["--cluster-announce-port", $"{announced[i]}", "--cluster-announce-bus-port", $"{port + BusOffset}"];
            (i < Count ? cluster.Masters : cluster.Replicas).Add(await RedisServer.StartAsync(
                port, ["--cluster-enabled", "yes", "--cluster-node-timeout", nodeTimeout, "--repl-diskless-sync-delay", "0", .. announcement]));
        }

        await cluster.JoinAsync();
        return cluster;
    }

    /// <summary>The master that had a key's slot at the start.</summary>
    public RedisServer MasterOf(string key) => Masters[PlaceOf(key)];

    /// <summary>A tag in braces whose keys belong to a master.</summary>
    public string TagOf(RedisServer master)
    {
        var place = Masters.IndexOf(master);
        Assert.InRange(place, 0, Count - 1);
        for (var i = 0; ; i++)
        {
            if (PlaceOf($"{{t{i}}}") == place)
            {
                return $"{{t{i}}}";
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in (RedisServer[])[.. Masters, .. Replicas])
        {
            await server.DisposeAsync();
        }
    }

    private static int FirstSlot(int place) => ClusterSlot.Count * place / Count;

    private static int PlaceOf(string key)
    {
        var slot = ClusterSlot.Of(key);
        return Enumerable.Range(0, Count).Last(place => slot >= FirstSlot(place));
    }

    private async Task JoinAsync()
    {
        RedisServer[] all = [.. Masters, .. Replicas];
        for (var i = 0; i < all.Length; i++)
        {
            if (i < Count)
            {
                await all[i].CliAsync("CLUSTER", "ADDSLOTSRANGE", $"{FirstSlot(i)}", $"{FirstSlot(i + 1) - 1}");
            }

            if (i > 0)
            {
                await all[i].CliAsync("CLUSTER", "MEET", "127.0.0.1", $"{all[0].Port}");
            }
        }

        foreach (var server in all)
        {
            await Until.TrueAsync(
                async () => await server.CliAsync("CLUSTER", "INFO") is var info
                    && info.Contains("cluster_state:ok", StringComparison.Ordinal)
                    && info.Contains($"cluster_known_nodes:{all.Length}", StringComparison.Ordinal),
                "the cluster is complete");
        }

        for (var i = 0; i < Replicas.Count; i++)
        {
            var (master, replica) = (Masters[i], Replicas[i]);
            Assert.Equal("OK", await replica.CliAsync("CLUSTER", "REPLICATE", await master.CliAsync("CLUSTER", "MYID")));
            await Until.TrueAsync(
                async () => (await master.CliAsync("INFO", "replication")).Contains("state=online", StringComparison.Ordinal), "the replica is online");
        }

        // Who votes has to know whose replica asks.
        foreach (var server in Replicas.Count == 0 ? [] : all)
        {
            await Until.TrueAsync(
                async () => (await server.CliAsync("CLUSTER", "NODES")).Split('\n').Count(static line => line.Contains("slave", StringComparison.Ordinal)) == Count,
                "everyone knows the replicas");
        }
    }
}
