namespace Ducts;

/// <summary>Specifies whether several servers share their sessions through Redis, and how. INI section <c>ducts.cluster_config</c>.</summary>
[Section("ducts.cluster_config", "ducts.server.config")]
public sealed class DuctsClusterOptions
{
    /// <summary>
    /// Gets or sets whether this server is one node of several that share one Redis, so that a load balancer may send any request to any
    /// of them. Default: false. Needs a Redis of its own that all nodes reach, with the <c>maxmemory-policy</c> <c>noeviction</c>; the
    /// embedded one is refused.
    /// </summary>
    [Option("several servers share their sessions through one Redis")]
    public bool Cluster { get; set; }

    /// <summary>
    /// Gets or sets the name by which logs and other nodes know this process. Default: empty, for a random one at each start. A name that
    /// is set is followed by a random part, because what a process owned that has died is never given to another of the same name.
    /// At most 64 letters, digits, <c>-</c>, <c>_</c> and <c>.</c>.
    /// </summary>
    [Option("name of this server among the nodes; empty for a random one")]
    public string NodeId { get; set; } = "";

    /// <summary>
    /// Gets or sets where the other nodes reach this one, as <c>host:port</c>, without TLS. Default: empty, for the machine's first address that
    /// is not a loopback one, with the port that the server listens on. Only the other nodes need to reach it; keep it in a private network.
    /// </summary>
    [Option("host:port at which other nodes reach this one; empty for the first address of the machine and its port")]
    public string NodeAddress { get; set; } = "";

    /// <summary>
    /// Gets or sets after how long without a sign of life a node counts as dead, for good: its sessions go to other nodes. Default: 10 seconds.
    /// Range: 1 to 600 seconds. A node that stands still for longer, or does not reach Redis while others do, loses its sessions.
    /// </summary>
    [Option("seconds without a sign of life after which a node counts as dead", Min = 1, Max = 600)]
    public TimeSpan NodeTtl { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets what the names of all keys of the cluster in Redis begin with. Default: <c>DUCTS/CLUSTER</c>. Change it to keep
    /// applications apart that share a Redis.
    /// </summary>
    [Option("what the cluster's keys in Redis begin with", Hidden = true)]
    public string ClusterKey { get; set; } = "DUCTS/CLUSTER";
}
