using System.Threading.Channels;
using Ducts.Redis.Subscriptions;

namespace Ducts.Redis;

/// <summary>
/// A subscription to a channel or pattern: an endless sequence of messages, with a queue of its own. Read it with
/// <c>await foreach (var (channel, payload) in subscription)</c>; disposing of it ends the sequence.
/// </summary>
// Threading: one reader; disposing from any thread.
public sealed class RedisSubscription : IAsyncEnumerable<RedisMessage>, IAsyncDisposable, IMessageSink
{
    private readonly SubscriptionHub _hub;
    private readonly ChannelKey _key;
    private readonly int _limit;
    private readonly Action<string> _dropped;
    private readonly Channel<RedisMessage> _queue;

    internal RedisSubscription(SubscriptionHub hub, ChannelKey key, int limit, Action<string> dropped)
    {
        _hub = hub;
        _key = key;
        _limit = limit;
        _dropped = dropped;
        _queue = Channel.CreateBounded<RedisMessage>(new BoundedChannelOptions(limit) { SingleReader = true, SingleWriter = true });
    }

    /// <summary>The channel or pattern.</summary>
    public string Name => _key.Name;

    /// <summary>Whether <see cref="Name"/> is a pattern.</summary>
    public bool IsPattern => _key.Kind == ChannelKind.Pattern;

    /// <summary>Gets whether the channel is sharded: published and subscribed to at its slot's node of a cluster.</summary>
    public bool IsSharded => _key.Kind == ChannelKind.Sharded;

    /// <summary>Messages that wait to be read.</summary>
    public int Waiting => _queue.Reader.Count;

    /// <summary>Reads the messages, from the oldest that waits.</summary>
    /// <param name="cancellationToken">Ends the reading, not the subscription.</param>
    /// <returns>The messages; ends when the subscription is disposed of.</returns>
    /// <exception cref="RedisSubscriberLimitException">The reader fell too far behind; raised after the messages that were kept.</exception>
    public async IAsyncEnumerator<RedisMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (await _queue.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_queue.Reader.TryRead(out var message))
            {
                yield return message;
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Ends the subscription; Redis is told when no other of this client is left on the channel.</summary>
    /// <returns>At once.</returns>
    public ValueTask DisposeAsync()
    {
        _hub.Remove(_key, this);
        _queue.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    void IMessageSink.OnMessage(RedisMessage message)
    {
        if (_queue.Writer.TryWrite(message))
        {
            return;
        }

        _hub.Remove(_key, this);
        if (_queue.Writer.TryComplete(new RedisSubscriberLimitException($"The subscriber of {_key} fell more than {_limit} messages behind.")))
        {
            _dropped(_key.ToString());
        }
    }

    void IMessageSink.OnEnded() => _queue.Writer.TryComplete();

    void IMessageSink.OnResubscribed()
    {
        // What was published meanwhile is gone; Redis keeps no messages.
    }
}
