namespace Ducts.Topics;

/// <summary>
/// Some of a topic's readers, which are woken one after the other. Shards run beside each other on the pool's threads, and
/// what is published while one runs or waits for its turn is seen in the same round.
/// </summary>
// Threading: the topic adds and removes under its gate; threads that run the shard at the same time do each other no harm.
internal sealed class TopicShard<T>(Topic<T> topic) : IThreadPoolWorkItem
{
    // Enough that a work item's cost is none, few enough that a thousand readers keep several threads busy.
    private const int Size = 64;

    private readonly TopicReader<T>?[] _readers = new TopicReader<T>?[Size];
    private int _count;
    private int _scheduled;

    public bool IsEmpty => _count == 0;

    public bool TryAdd(TopicReader<T> reader)
    {
        if (_count == Size)
            return false;
        Volatile.Write(ref _readers[Array.IndexOf(_readers, null)], reader);
        _count++;
        return true;
    }

    public bool TryRemove(TopicReader<T> reader)
    {
        var place = Array.IndexOf(_readers, reader);
        if (place < 0)
            return false;
        Volatile.Write(ref _readers[place], null);
        _count--;
        return true;
    }

    public void Schedule()
    {
        if (Volatile.Read(ref _scheduled) == 0 && Interlocked.Exchange(ref _scheduled, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        // First: what is published from here on asks for another round.
        Interlocked.Exchange(ref _scheduled, 0);
        var (last, limit) = (topic.Last.Number, topic.Limit);
        for (var i = 0; i < _readers.Length; i++)
            Volatile.Read(ref _readers[i])?.Visit(last, limit);
    }
}
