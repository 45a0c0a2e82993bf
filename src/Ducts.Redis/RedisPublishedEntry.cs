namespace Ducts.Redis;

/// <summary>What <see cref="IRedisClient.XAddAndPublishAsync(string, string, object, long?, CancellationToken)"/> did.</summary>
/// <param name="Id">The new entry's id, <c>milliseconds-sequence</c>, which is also the message that was published.</param>
/// <param name="Receivers">
/// The number of subscribers to which Redis gave the message; in a cluster, those at the stream's node only, though
/// subscribers at all nodes get it.
/// </param>
public readonly record struct RedisPublishedEntry(string Id, long Receivers);
