namespace Ducts.Redis.Streams;

/// <summary>
/// What a follower reads: the entries that were there, those added until it began to read, then the feed's. The place in
/// the stream is asked for when the sequence is made; the subscription begins with the reading, so that a sequence nobody
/// reads costs nothing.
/// </summary>
internal sealed class StreamSequence : IAsyncEnumerable<RedisStreamEntry>
{
    private readonly RedisClient _client;
    private readonly FeedRegistry _feeds;
    private readonly FeedKey _key;
    private readonly int _lastCount;
    private readonly int _limit;
    private readonly CancellationToken _cancellationToken;
    private readonly StreamId? _after;
    private Task<IReadOnlyList<RedisStreamEntry>>? _newest;

    public StreamSequence(
        RedisClient client, FeedRegistry feeds, FeedKey key, int lastCount, StreamId? after, int limit, CancellationToken cancellationToken)
    {
        _client = client;
        _feeds = feeds;
        _key = key;
        _lastCount = lastCount;
        _limit = limit;
        _cancellationToken = cancellationToken;
        _after = after;
        if (!key.ById && after is null)
        {
            _newest = ReadNewestAsync(cancellationToken);

            // A sequence that is never read has nobody to tell.
            _ = _newest.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        }
    }

    public async IAsyncEnumerator<RedisStreamEntry> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_cancellationToken, cancellationToken);
        var token = linked.Token;
        var follower = new StreamFollower(_key.ToString(), _limit);
        var feed = _feeds.Enter(_key, follower);
        try
        {
            await feed.Started.WaitAsync(token);
            var last = _after ?? default;
            if (!_key.ById && _after is null)
            {
                var newest = await (Interlocked.Exchange(ref _newest, null) ?? ReadNewestAsync(token)).WaitAsync(token);
                last = newest.Count == 0 ? default : newest[0].Key;
                for (var i = Math.Min(_lastCount, newest.Count) - 1; i >= 0; i--)
                {
                    yield return newest[i];
                }
            }

            if (!_key.ById)
            {
                // The feed stands, so what is added from now on comes through it; here comes what was added since the call.
                IReadOnlyList<RedisStreamEntry>? page;
                do
                {
                    page = await feed.ReadAfterAsync(last, token);
                    if (page is null)
                    {
                        yield break;
                    }

                    foreach (var entry in page)
                    {
                        last = entry.Key;
                        yield return entry;
                    }
                }
                while (page.Count >= StreamFeed.PageSize);
            }

            while (await follower.Entries.WaitToReadAsync(token))
            {
                while (follower.Entries.TryRead(out var entry))
                {
                    if (_key.ById || entry.Key > last)
                    {
                        yield return entry;
                        token.ThrowIfCancellationRequested();
                    }
                }
            }
        }
        finally
        {
            await _feeds.LeaveAsync(feed, follower);
        }
    }

    private async Task<IReadOnlyList<RedisStreamEntry>> ReadNewestAsync(CancellationToken cancellationToken) =>
        await _client.XRevRangeAsync(_key.Stream, count: Math.Max(1, _lastCount), cancellationToken: cancellationToken);
}
