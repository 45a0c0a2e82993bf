// Stand-ins for what of the library is outside the hub, by the names that the hub's sources use.
using System.Net;
using Ducts.Concurrency.Model;
using Ducts.Redis.Connections;
using StackExchange.Redis;

namespace Ducts.Redis.Subscriptions;

internal sealed class LibraryChannels(RedisLink link, RedisClientOptions options, CancellationToken stopped)
{
    private readonly ModelRedis _redis = ModelRedis.Current;

    public async Task OpenAsync() => await PingAsync();

    public ChannelMessageQueue Join(RedisChannel channel) => _redis.Join(channel);

    public void Leave(ChannelMessageQueue? queue)
    {
        if (queue is not null)
        {
            _redis.Leave(queue);
        }
    }

    public EndPoint? NodeOf(RedisChannel channel) => _redis.NodeOf(channel);

    public Task PingAsync() => _redis.PingAsync().WaitControlledAsync(stopped);

    public async Task<ChannelMessageQueue> AskAsync(RedisChannel channel)
    {
        var queue = Join(channel);
        await PingAsync();
        return queue;
    }
}

internal readonly record struct ChannelMessage(RedisChannel Channel, RedisValue Message);

internal sealed class ChannelMessageQueue(RedisChannel channel) : IAsyncEnumerable<ChannelMessage>
{
    private readonly Lock _gate = new();
    private readonly Queue<ChannelMessage> _messages = new();
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isComplete;

    public RedisChannel Channel => channel;

    public void Add(ChannelMessage message)
    {
        lock (_gate)
        {
            _messages.Enqueue(message);
            _arrived.TrySetResult();
        }
    }

    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            _arrived.TrySetResult();
        }
    }

    // Written out: Coyote does not see into an iterator of the compiler's.
    public IAsyncEnumerator<ChannelMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default) => new Reader(this);

    private sealed class Reader(ChannelMessageQueue queue) : IAsyncEnumerator<ChannelMessage>
    {
        public ChannelMessage Current { get; private set; }

        public async ValueTask<bool> MoveNextAsync()
        {
            while (true)
            {
                Task arrived;
                lock (queue._gate)
                {
                    if (queue._messages.TryDequeue(out var message))
                    {
                        Current = message;
                        return true;
                    }

                    if (queue._isComplete)
                    {
                        return false;
                    }

                    queue._arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    arrived = queue._arrived.Task;
                }

                await arrived;
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
