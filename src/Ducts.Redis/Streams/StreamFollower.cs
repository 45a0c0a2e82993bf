using System.Threading.Channels;

namespace Ducts.Redis.Streams;

/// <summary>One reader of a feed: its queue, and where it begins.</summary>
// Threading: the feed offers, one reader reads.
internal sealed class StreamFollower
{
    private readonly Channel<RedisStreamEntry> _queue;
    private readonly string _name;
    private readonly int _limit;

    public StreamFollower(string name, int limit)
    {
        _name = name;
        _limit = limit;
        _queue = Channel.CreateBounded<RedisStreamEntry>(new BoundedChannelOptions(limit) { SingleReader = true, SingleWriter = true });
    }

    public ChannelReader<RedisStreamEntry> Entries => _queue.Reader;

    /// <summary>Puts an entry into the queue; false when it is full, and the follower is told so.</summary>
    public bool Offer(RedisStreamEntry entry)
    {
        if (_queue.Writer.TryWrite(entry))
        {
            return true;
        }

        _queue.Writer.TryComplete(new RedisSubscriberLimitException($"The follower of {_name} fell more than {_limit} entries behind."));
        return false;
    }

    public void End(Exception? reason) => _queue.Writer.TryComplete(reason);
}
