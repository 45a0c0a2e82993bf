namespace Ducts.Topics;

/// <summary>
/// Delivers published items to all subscribers of this process, in order. A handler that returns
/// <see cref="Subscribe"/> streams the topic to its client; each item is packed once for all clients.
/// </summary>
/// <remarks>
/// An item is stored once, regardless of the number of subscribers. Publishing never waits: a subscriber that falls
/// further behind than the limit receives a <see cref="TopicLimitException"/> instead of the items that it missed; other subscribers are not
/// delayed. All members are thread-safe.
/// </remarks>
/// <typeparam name="T">The type of the items. All subscribers share an item, so it should not change after it is published.</typeparam>
public sealed class Topic<T>
{
    /// <summary>The default number of items that a subscriber may be behind: 10000.</summary>
    public const int DefaultLimit = 10_000;

    private readonly Lock _gate = new();
    private TopicShard<T>[] _shards = [];
    private TopicNode<T> _last = new(0, null);
    private int _subscribers;

    /// <summary>Creates a topic without subscribers.</summary>
    /// <param name="limit">The number of items that a subscriber may be behind; at least 1.</param>
    public Topic(int limit = DefaultLimit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        Limit = limit;
    }

    /// <summary>Gets the number of items that a subscriber may be behind.</summary>
    public int Limit { get; }

    /// <summary>Gets the number of subscriptions that are being enumerated.</summary>
    public int SubscriberCount => Volatile.Read(ref _subscribers);

    internal TopicNode<T> Last => Volatile.Read(ref _last);

    /// <summary>Publishes an item to all subscribers and returns without waiting for them.</summary>
    /// <param name="item">The item.</param>
    /// <exception cref="InvalidOperationException">The topic has been completed.</exception>
    public void Publish(T item) => Append(new TopicItem<T>(item), null);

    /// <summary>Completes the topic: subscribers receive the items published before, then the end of the stream.</summary>
    /// <param name="error">The exception that subscribers receive at the end; null for a regular end.</param>
    /// <exception cref="InvalidOperationException">The topic has already been completed.</exception>
    public void Complete(Exception? error = null) => Append(null, error);

    /// <summary>
    /// Subscribes to the items that are published after this call; none is missed between this call and the first read.
    /// </summary>
    /// <returns>
    /// A sequence of the items that ends when the topic is completed; enumerate it once. Until it is enumerated, a
    /// subscription that is referenced keeps all items published meanwhile in memory.
    /// </returns>
    public IAsyncEnumerable<T> Subscribe() => new TopicSubscription<T>(this, Last);

    internal TopicShard<T> Add(TopicReader<T> reader)
    {
        lock (_gate)
        {
            _subscribers++;
            foreach (var shard in _shards)
            {
                if (shard.TryAdd(reader))
                    return shard;
            }

            var added = new TopicShard<T>(this);
            added.TryAdd(reader);
            Volatile.Write(ref _shards, [.. _shards, added]);
            return added;
        }
    }

    internal void Remove(TopicReader<T> reader)
    {
        lock (_gate)
        {
            if (!reader.Shard.TryRemove(reader))
                return;
            _subscribers--;
            if (reader.Shard.IsEmpty)
                Volatile.Write(ref _shards, [.. _shards.Where(shard => shard != reader.Shard)]);
        }
    }

    private void Append(TopicItem<T>? item, Exception? error)
    {
        lock (_gate)
        {
            if (_last.Next is not null)
                throw new InvalidOperationException("The topic has been completed.");
            if (item is null)
            {
                // The last place stays before it, so that those who come later find the end.
                _last.Append(TopicNode<T>.End(error));
            }
            else
            {
                var node = new TopicNode<T>(_last.Number + 1, item);
                _last.Append(node);
                Volatile.Write(ref _last, node);
            }
        }

        foreach (var shard in Volatile.Read(ref _shards))
            shard.Schedule();
    }
}
