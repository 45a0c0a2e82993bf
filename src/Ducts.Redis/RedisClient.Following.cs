using System.Diagnostics.CodeAnalysis;
using Ducts.Redis.Streams;
using Ducts.Redis.Subscriptions;

namespace Ducts.Redis;

/// <content>Subscriptions and followers.</content>
public sealed partial class RedisClient
{
    /// <inheritdoc/>
    public ValueTask<RedisSubscription> SubscribeAsync(string channel, CancellationToken cancellationToken = default) =>
        SubscribeAsync(channel, ChannelKind.Exact, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RedisSubscription> PSubscribeAsync(string pattern, CancellationToken cancellationToken = default) =>
        SubscribeAsync(pattern, ChannelKind.Pattern, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RedisSubscription> SSubscribeAsync(string channel, CancellationToken cancellationToken = default) =>
        SubscribeAsync(channel, ChannelKind.Sharded, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long> SPublishAsync(string channel, RedisArgument message, CancellationToken cancellationToken = default) =>
        Send("SPUBLISH", [channel, message], default, static reply => reply.AsInt64(), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<RedisStreamEntry> PSubAndXRangeAsync(string pattern, string stream, int lastCount = 0, CancellationToken cancellationToken = default) =>
        Follow(pattern, ChannelKind.Pattern, stream, lastCount, null, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<RedisStreamEntry> PSubAndXRangeAfterAsync(string pattern, string stream, string id, CancellationToken cancellationToken = default) =>
        Follow(pattern, ChannelKind.Pattern, stream, 0, ReadId(id), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<RedisStreamEntry> SubAndXRangeAsync(string channel, string stream, int lastCount = 0, CancellationToken cancellationToken = default) =>
        Follow(channel, ChannelKind.Exact, stream, lastCount, null, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<RedisStreamEntry> SubAndXRangeAfterAsync(string channel, string stream, string id, CancellationToken cancellationToken = default) =>
        Follow(channel, ChannelKind.Exact, stream, 0, ReadId(id), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<RedisStreamEntry> PSubAndXRangeForEachIdAsync(string pattern, string stream, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        ArgumentException.ThrowIfNullOrEmpty(stream);
        var key = new FeedKey(new ChannelKey(pattern, ChannelKind.Pattern), stream, ById: true);
        return new StreamSequence(this, _feeds, key, 0, null, _options.SubscriberLimit, cancellationToken);
    }

    private static StreamId ReadId(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return StreamId.TryParse(id, out var after) ? after : throw new ArgumentException($"'{id}' is not the id of a stream entry, milliseconds-sequence.", nameof(id));
    }

    private StreamSequence Follow(string channel, ChannelKind kind, string stream, int lastCount, StreamId? after, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        ArgumentException.ThrowIfNullOrEmpty(stream);
        ArgumentOutOfRangeException.ThrowIfNegative(lastCount);
        var key = new FeedKey(new ChannelKey(channel, kind), stream, ById: false);
        return new StreamSequence(this, _feeds, key, lastCount, after, _options.SubscriberLimit, cancellationToken);
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The subscription is its caller's.")]
    private async ValueTask<RedisSubscription> SubscribeAsync(string name, ChannelKind kind, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var key = new ChannelKey(name, kind);
        var subscription = new RedisSubscription(
            _hub, key, _options.SubscriberLimit, what => RedisLog.SubscriberDropped(_logger, what, _options.SubscriberLimit));
        await _hub.AddAsync(key, subscription, cancellationToken);
        return subscription;
    }
}
