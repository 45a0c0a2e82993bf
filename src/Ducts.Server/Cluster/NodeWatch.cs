using System.Collections.Concurrent;
using Ducts.Redis;
using Microsoft.Extensions.Options;

namespace Ducts.Cluster;

/// <summary>
/// Watches the other nodes' leases. One that stands still for <c>node_ttl</c> by this process' own clock, while Redis answered all the
/// while, is marked as dead.
/// </summary>
/// <remarks>Threading: <see cref="LookAsync"/> by one at a time; the other members by any thread.</remarks>
internal sealed class NodeWatch(IOptions<DuctsOptions> options, IClusterStore store, NodeLease own, TimeProvider time, ClusterLog log)
{
    private readonly TimeSpan _ttl = options.Value.Cluster.NodeTtl;
    private readonly ConcurrentDictionary<string, Sight> _sights = new(StringComparer.Ordinal);
    private long _answered = time.GetTimestamp();

    /// <summary>Gets how often leases are renewed and looked at.</summary>
    public TimeSpan Interval => _ttl / 5;

    /// <summary>Returns a token that is cancelled once a node is known to be dead.</summary>
    public CancellationToken WhenDead(string node) => _sights.GetOrAdd(node, static _ => new Sight()).Dead.Token;

    /// <summary>Returns what is known of a node.</summary>
    /// <exception cref="RedisClientException">Redis is out of reach, or refuses to answer.</exception>
    public async ValueTask<NodeState> FindAsync(string node, CancellationToken cancellationToken)
    {
        var state = await store.ReadNodeAsync(node, cancellationToken);
        if (state.IsDead)
            Note(node);
        return state;
    }

    /// <summary>Returns the dead nodes that are known, each with how long it has been known to be dead.</summary>
    public IReadOnlyList<(string Node, TimeSpan Since)> Dead() =>
        [.. _sights.Where(static pair => pair.Value.Dead.IsCancellationRequested).Select(pair => (pair.Key, time.GetElapsedTime(Volatile.Read(ref pair.Value.Since))))];

    /// <summary>Looks at all nodes once.</summary>
    /// <exception cref="RedisClientException">Redis is out of reach, or refuses to answer.</exception>
    public async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        var nodes = await store.ListAsync(cancellationToken);
        var states = await Task.WhenAll(nodes.Where(node => node != own.Id).Select(node => store.ReadNodeAsync(node, cancellationToken).AsTask()));
        var now = time.GetTimestamp();
        // What stood still while Redis did not answer has not been seen to stand still.
        var hasAnswered = time.GetElapsedTime(_answered, now) < _ttl / 2;
        _answered = now;
        foreach (var state in states)
        {
            var sight = _sights.GetOrAdd(state.Id, static _ => new Sight());
            if (state.IsDead)
            {
                Note(state.Id);
            }
            else if (!sight.IsKnown || sight.Lease != state.Lease || !hasAnswered)
            {
                (sight.IsKnown, sight.Lease) = (true, state.Lease);
                Volatile.Write(ref sight.Since, now);
            }
            else if (time.GetElapsedTime(sight.Since, now) >= _ttl && await store.MarkAsync(state.Id, state.Lease, cancellationToken))
            {
                log.Marked(state.Id, _ttl.TotalSeconds);
                Note(state.Id);
            }
        }

        foreach (var gone in _sights.Keys.Except(nodes, StringComparer.Ordinal))
            Note(gone);
    }

    /// <summary>A dead node has no session any more, and nobody knows it by now.</summary>
    public void Forget(string node) => _sights.TryRemove(node, out _);

    private void Note(string node)
    {
        var sight = _sights.GetOrAdd(node, static _ => new Sight());
        lock (sight)
        {
            if (sight.Dead.IsCancellationRequested)
                return;
            Volatile.Write(ref sight.Since, time.GetTimestamp());
        }

        sight.Dead.Cancel();
    }

#pragma warning disable CA1001 // The source has no timer, so there is nothing to give back.
    private sealed class Sight
#pragma warning restore CA1001
    {
        public long Since;

        public bool IsKnown { get; set; }

        public long Lease { get; set; }

        public CancellationTokenSource Dead { get; } = new();
    }
}
