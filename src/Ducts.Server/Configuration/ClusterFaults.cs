using System.Buffers;

namespace Ducts.Configuration;

/// <summary>Finds what keeps a server from being a node of a cluster.</summary>
internal static class ClusterFaults
{
    private const string Section = "ducts.cluster_config";
    private const int MaxName = 64;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    public static void Find(DuctsOptions options, List<OptionFault> faults)
    {
        var cluster = options.Cluster;
        if (cluster.NodeId.Length > MaxName || cluster.NodeId.AsSpan().ContainsAnyExcept(NameCharacters))
            faults.Add(new(Section, "node_id", $"\"{cluster.NodeId}\" is no name of a node: expected at most {MaxName} letters, digits, - _ and ."));
        if (cluster.NodeAddress.Length > 0 && !IsAddress(cluster.NodeAddress))
            faults.Add(new(Section, "node_address", $"\"{cluster.NodeAddress}\" is no address: expected host:port, such as 10.0.0.5:8089"));
        // Braces would give all keys one slot of a Redis Cluster.
        if (cluster.ClusterKey.Length == 0 || cluster.ClusterKey.AsSpan().ContainsAny('{', '}'))
            faults.Add(new(Section, "cluster_key", $"\"{cluster.ClusterKey}\" cannot begin keys: expected a text without braces, such as DUCTS/CLUSTER"));
        if (cluster.Cluster && options.Redis.RedisEmbedded == EmbeddedRedisMode.Always)
            faults.Add(new(Section, "cluster", "is true but redis_embedded is always: a cluster needs a Redis that all servers reach, named in redis_uri_main"));
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate($"http://{text}/", UriKind.Absolute, out var uri)
        && uri.Authority.Length > 0 && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0
        && text.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(text.AsSpan(colon + 1), out var port) && port > 0;
}
