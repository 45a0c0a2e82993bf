using System.Threading.Channels;
using Ducts.Redis.Subscriptions;
using Microsoft.Extensions.Logging;

namespace Ducts.Redis.Streams;

/// <summary>
/// Reads the entry that each message names, once for all followers. After a lost connection nobody knows which messages
/// were missed, so the entries added meanwhile take their place.
/// </summary>
internal sealed class IdFeed : StreamFeed
{
    /// <summary>Reads under way at once: enough to hide the round trip, in bounded memory.</summary>
    private const int Window = 64;

    // A null stands for a renewed subscription or connection.
    private readonly Channel<string?> _ids;
    private readonly Queue<string?> _unread = [];

    // What the last catching up delivered: (low, high].
    private StreamId _low;
    private StreamId _high;

    public IdFeed(FeedKey key, RedisClient client, SubscriptionHub hub, RedisClientOptions options, ILogger logger)
        : base(key, client, hub, options, logger) =>
        _ids = Channel.CreateBounded<string?>(new BoundedChannelOptions(options.SubscriberLimit) { SingleReader = true });

    public override void OnMessage(RedisMessage message) => Note(message.Payload);

    public override void OnResubscribed() => Note(null);

    protected override async Task ReadAsync()
    {
        var reads = new Queue<Task<RedisStreamEntry?>>(Window);
        while (true)
        {
            while (_unread.Count < Window && _ids.Reader.TryRead(out var id))
            {
                // A payload that is no id names no entry.
                if (id is null || StreamId.TryParse(id, out _))
                {
                    _unread.Enqueue(id);
                }
            }

            if (_unread.Count == 0)
            {
                return;
            }

            if (_unread.Peek() is null)
            {
                var before = Cursor;
                await ReadRangeAsync();

                // One catching up right after another leaves the first one's entries to be known again.
                _low = before == _high ? _low : before;
                _high = Cursor;
                _unread.Dequeue();
                continue;
            }

            await ReadEntriesAsync(reads);
        }
    }

    private void Note(string? id)
    {
        if (_ids.Writer.TryWrite(id))
        {
            Signal();
        }
        else
        {
            Break(new RedisSubscriberLimitException($"Redis announced entries of {Key} faster than they could be read."));
        }
    }

    private async Task ReadEntriesAsync(Queue<Task<RedisStreamEntry?>> reads)
    {
        foreach (var id in _unread)
        {
            if (id is null)
            {
                break;
            }

            reads.Enqueue(Client.XGetWithIdAsync(Key.Stream, id, Stopping).AsTask());
        }

        RedisClientException? failure = null;
        while (reads.TryDequeue(out var read))
        {
            try
            {
                var entry = await read;
                if (failure is not null)
                {
                    // It is read again, in its order.
                    continue;
                }

                _unread.Dequeue();
                if (entry is not null && !(entry.Key > _low && entry.Key <= _high))
                {
                    Cursor = entry.Key > Cursor ? entry.Key : Cursor;
                    Deliver(entry);
                }
            }
            catch (RedisClientException exception)
            {
                failure ??= exception;
            }
        }

        if (failure is not null)
        {
            throw failure;
        }
    }
}
