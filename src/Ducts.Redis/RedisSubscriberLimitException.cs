namespace Ducts.Redis;

/// <summary>A subscriber fell further behind than <see cref="RedisClientOptions.SubscriberLimit"/>; it gets nothing more.</summary>
public sealed class RedisSubscriberLimitException : RedisClientException
{
    /// <summary>Makes an exception of what happened.</summary>
    /// <param name="message">Which subscription, and how far behind it was.</param>
    public RedisSubscriberLimitException(string message)
        : base(message)
    {
    }
}
