namespace Ducts.Cluster;

/// <summary>The keys of a cluster in Redis. What one script touches has one tag, and so lies in one slot of a Redis Cluster.</summary>
/// <param name="prefix">What all of them begin with.</param>
internal sealed class ClusterKeys(string prefix)
{
    /// <summary>Gets the set of the names of all nodes, dead ones among them as long as they have sessions.</summary>
    public string Nodes => $"{prefix}/NODES";

    /// <summary>Gets the secret by which nodes know each other.</summary>
    public string Secret => $"{prefix}/SECRET";

    /// <summary>Gets the stream that all nodes follow, and the channel on which its entries are announced.</summary>
    public string Feed => $"{prefix}/FEED";

    /// <summary>Gets the list of the Data Protection keys.</summary>
    public string ProtectionKeys => $"{prefix}/KEYS";

    /// <summary>Returns the hash of a node: its address, its lease, whether it is dead.</summary>
    public string Node(string node) => $"{prefix}/NODE/{{{node}}}";

    /// <summary>Returns the set of the sessions that a node may own.</summary>
    public string SessionsOf(string node) => $"{prefix}/NODE/{{{node}}}/SESSIONS";

    /// <summary>Returns the hash of a session: who owns it, since which epoch, and what a new owner has to know.</summary>
    public string Session(string streamId) => $"{prefix}/SESSION/{{{streamId}}}";
}
