using System.Collections.Concurrent;

namespace Ducts.Redis;

/// <summary>
/// Lets those who wait for commands go on. The thread that read the replies runs them itself, after it has handed on the
/// reading; while there is more than one, a second thread is asked to help, so that code which blocks holds up nobody
/// but itself. Commands that they issue are gathered meanwhile and written when the queue is empty.
/// </summary>
// Threading: any thread adds and drains.
internal sealed class CompletionQueue(RedisMetrics metrics) : IThreadPoolWorkItem
{
    [ThreadStatic]
    private static bool t_draining;

    [ThreadStatic]
    private static RedisPipeline? t_touched;

    private readonly ConcurrentQueue<RedisCommand> _commands = new();
    private int _scheduled;

    /// <summary>Whether the calling thread is running completions, and will look after what they issue.</summary>
    public static bool IsDraining => t_draining;

    public bool IsEmpty => _commands.IsEmpty;

    public void Add(RedisCommand command) => _commands.Enqueue(command);

    /// <summary>Ends a command that will be sent no more with an exception; one that has its outcome already is let go.</summary>
    public void Fail(RedisCommand command, Exception reason)
    {
        if (command.TrySettle())
        {
            command.Settled(reason);
            Add(command);
            Schedule();
        }
        else
        {
            command.Release();
        }
    }

    /// <summary>Asks a thread of the pool to drain the queue, if none has been asked.</summary>
    public void Schedule()
    {
        if (Interlocked.Exchange(ref _scheduled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>A pipeline has something to write; this thread does it when its completions have run.</summary>
    public static void Touch(RedisPipeline pipeline)
    {
        if (t_touched is { } other && other != pipeline)
        {
            other.FlushIfAsked();
        }

        t_touched = pipeline;
    }

    public void Drain()
    {
        if (!_commands.TryDequeue(out var command))
        {
            return;
        }

        if (!_commands.IsEmpty)
        {
            Schedule();
        }

        t_draining = true;
        try
        {
            do
            {
                Run(command);
            }
            while (_commands.TryDequeue(out command));
        }
        finally
        {
            t_draining = false;
            var touched = t_touched;
            t_touched = null;
            touched?.FlushIfAsked();
        }
    }

    private void Run(RedisCommand command)
    {
        if (command.Started != 0)
        {
            metrics.Stop(command.Started);
        }

        command.Run();
    }

    void IThreadPoolWorkItem.Execute()
    {
        Volatile.Write(ref _scheduled, 0);
        Drain();
    }
}
