using Ducts.Redis.Subscriptions;
using Microsoft.Extensions.Logging;

namespace Ducts.Redis.Streams;

/// <summary>The feeds of a client: made for the first follower, ended after the last.</summary>
// Threading: the gate guards the table and the counts.
internal sealed class FeedRegistry(RedisClient client, SubscriptionHub hub, RedisClientOptions options, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<FeedKey, StreamFeed> _feeds = [];
    private bool _isDisposed;

    /// <summary>Gives a follower its feed, started.</summary>
    public StreamFeed Enter(FeedKey key, StreamFollower follower)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisClient));
            if (!_feeds.TryGetValue(key, out var feed) || feed.HasFailed)
            {
                feed = key.ById ? new IdFeed(key, client, hub, options, logger) : new StreamFeed(key, client, hub, options, logger);
                _feeds[key] = feed;
                feed.Start();
            }

            feed.Users++;
            feed.Add(follower);
            return feed;
        }
    }

    /// <summary>Takes a follower out of its feed.</summary>
    public async ValueTask LeaveAsync(StreamFeed feed, StreamFollower follower)
    {
        feed.Remove(follower);
        lock (_gate)
        {
            if (--feed.Users > 0)
            {
                return;
            }

            if (_feeds.GetValueOrDefault(feed.Key) == feed)
            {
                _feeds.Remove(feed.Key);
            }
        }

        await feed.EndAsync();
    }

    /// <summary>Lets all feeds look for entries whose announcement may have been lost.</summary>
    public void CatchUp()
    {
        StreamFeed[] feeds;
        lock (_gate)
        {
            feeds = [.. _feeds.Values];
        }

        foreach (var feed in feeds)
        {
            feed.OnResubscribed();
        }
    }

    public async ValueTask DisposeAsync()
    {
        StreamFeed[] feeds;
        lock (_gate)
        {
            _isDisposed = true;
            feeds = [.. _feeds.Values];
        }

        foreach (var feed in feeds)
        {
            await feed.EndAsync();
        }
    }
}
