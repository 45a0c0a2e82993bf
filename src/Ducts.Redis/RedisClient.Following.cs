namespace Ducts.Redis;

/// <content>Subscriptions and followers.</content>
public sealed partial class RedisClient
{
    /// <inheritdoc/>
    public ValueTask<RedisSubscription> SubscribeAsync(string channel, CancellationToken cancellationToken = default) =>
        SubscribeAsync(channel, isPattern: false, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RedisSubscription> PSubscribeAsync(string pattern, CancellationToken cancellationToken = default) =>
        SubscribeAsync(pattern, isPattern: true, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<RedisStreamEntry> PSubAndXRangeAsync(string pattern, string stream, int lastCount = 0, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        ArgumentException.ThrowIfNullOrEmpty(stream);
        ArgumentOutOfRangeException.ThrowIfNegative(lastCount);
        return new StreamSequence(this, _feeds, new FeedKey(pattern, stream, ById: false), lastCount, _options.SubscriberLimit, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RedisStreamEntry> PSubAndXRangeForEachIdAsync(string pattern, string stream, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        ArgumentException.ThrowIfNullOrEmpty(stream);
        return new StreamSequence(this, _feeds, new FeedKey(pattern, stream, ById: true), 0, _options.SubscriberLimit, cancellationToken);
    }

    private async ValueTask<RedisSubscription> SubscribeAsync(string name, bool isPattern, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var key = new ChannelKey(name, isPattern);
        var subscription = new RedisSubscription(
            _hub, key, _options.SubscriberLimit, what => RedisLog.SubscriberDropped(_logger, what, _options.SubscriberLimit));
        await _hub.AddAsync(key, subscription, cancellationToken);
        return subscription;
    }
}
