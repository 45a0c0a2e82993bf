namespace Ducts.Topics;

/// <summary>
/// Hands what is published to all who subscribe, in order: news for many sessions of this process. A handler that returns
/// <see cref="Subscribe"/> streams the topic to its client; each item is packed once for all of them.
/// </summary>
/// <remarks>
/// Items are kept once, however many subscribers have not read them yet. Publishing never waits: a subscriber that falls
/// further behind than the limit gets a <see cref="TopicLimitException"/> instead of what it missed, the others are not
/// held up. All members may be called from any thread.
/// </remarks>
/// <typeparam name="T">What is published. Items are shared by all subscribers, so they should not change any more.</typeparam>
public sealed class Topic<T>
{
    /// <summary>Items that a subscriber may be behind, unless said otherwise: seconds of a busy topic, some megabytes.</summary>
    public const int DefaultLimit = 10_000;

    private readonly Lock _gate = new();
    private TopicShard<T>[] _shards = [];
    private TopicNode<T> _last = new(0, null);
    private int _subscribers;

    /// <summary>Makes a topic without subscribers.</summary>
    /// <param name="limit">Items that a subscriber may be behind; at least 1.</param>
    public Topic(int limit = DefaultLimit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        Limit = limit;
    }

    /// <summary>Items that a subscriber may be behind.</summary>
    public int Limit { get; }

    /// <summary>How many read at the moment.</summary>
    public int SubscriberCount => Volatile.Read(ref _subscribers);

    internal TopicNode<T> Last => Volatile.Read(ref _last);

    /// <summary>Hands an item to all who have subscribed, and returns without waiting for them.</summary>
    /// <param name="item">The item.</param>
    /// <exception cref="InvalidOperationException">The topic has been completed.</exception>
    public void Publish(T item) => Append(new TopicItem<T>(item), null);

    /// <summary>Ends the topic: subscribers get what was published before, then their end.</summary>
    /// <param name="error">Thrown to them; null for a regular end.</param>
    /// <exception cref="InvalidOperationException">The topic has been completed before.</exception>
    public void Complete(Exception? error = null) => Append(null, error);

    /// <summary>
    /// Subscribes to what is published from now on: nothing is missed between this call and the first item that is read.
    /// </summary>
    /// <returns>
    /// The items, without an end until the topic is completed, to be enumerated once. Until it is enumerated, a
    /// subscription that is kept keeps all that is published meanwhile.
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
