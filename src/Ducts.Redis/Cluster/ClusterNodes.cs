using System.Net;

namespace Ducts.Redis;

/// <summary>The nodes of a cluster that were heard of, each with its link.</summary>
// Threading: the gate guards the table; the list of links is replaced as a whole.
internal sealed class ClusterNodes(Func<string, DnsEndPoint, RedisLink> makeLink) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (DnsEndPoint Host, RedisLink Link)> _nodes = new(StringComparer.OrdinalIgnoreCase);
    private RedisLink[] _links = [];
    private bool _isDisposed;

    public IReadOnlyList<RedisLink> Links => Volatile.Read(ref _links);

    /// <summary>The link to a node; made and started when the node is new.</summary>
    public RedisLink At(DnsEndPoint host)
    {
        var name = RedisUri.Describe(host);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisClient));
            if (_nodes.TryGetValue(name, out var node))
            {
                return node.Link;
            }

            var link = makeLink(name, host);
            _nodes.Add(name, (host, link));
            Volatile.Write(ref _links, [.. _links, link]);
            link.Start();
            return link;
        }
    }

    public List<DnsEndPoint> HostsWhere(Func<RedisLink, bool> condition)
    {
        lock (_gate)
        {
            return [.. _nodes.Values.Where(node => condition(node.Link)).Select(static node => node.Host)];
        }
    }

    /// <summary>Forgets nodes that are gone.</summary>
    public async Task RemoveAsync(Func<RedisLink, bool> condition)
    {
        List<RedisLink> removed = [];
        lock (_gate)
        {
            foreach (var (name, node) in _nodes.ToArray())
            {
                if (condition(node.Link))
                {
                    _nodes.Remove(name);
                    removed.Add(node.Link);
                }
            }

            Volatile.Write(ref _links, [.. _nodes.Values.Select(static node => node.Link)]);
        }

        foreach (var link in removed)
        {
            await link.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        await RemoveAsync(static _ => true);
    }
}
