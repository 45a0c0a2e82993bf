using System.Collections.Concurrent;

namespace Ducts.Redis;

/// <summary>
/// Keeps objects for their next use: a stack per thread, without synchronization, and a shared queue between threads
/// that mostly take and threads that mostly give.
/// </summary>
internal sealed class RedisCommandPool<T>
    where T : class
{
    // A thousand callers at once, over two threads, find theirs without the shared queue.
    private const int PerThread = 512;
    private const int Exchange = 128;
    private const int Shared = 4096;

    [ThreadStatic]
    private static T?[]? t_items;

    [ThreadStatic]
    private static int t_count;

    private readonly ConcurrentQueue<T> _shared = new();

    public T? TryTake()
    {
        if (t_count > 0)
        {
            ref var slot = ref t_items![--t_count];
            var item = slot;
            slot = null;
            return item;
        }

        return _shared.TryDequeue(out var shared) ? shared : null;
    }

    public void Put(T item)
    {
        var items = t_items ??= new T?[PerThread];
        if (t_count == PerThread)
        {
            for (var i = 0; i < Exchange; i++)
            {
                ref var slot = ref items[--t_count];
                if (_shared.Count < Shared)
                {
                    _shared.Enqueue(slot!);
                }

                slot = null;
            }
        }

        items[t_count++] = item;
    }
}
