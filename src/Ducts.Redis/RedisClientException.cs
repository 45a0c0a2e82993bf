namespace Ducts.Redis;

/// <summary>
/// The base of what a Redis client throws: an error of Redis (<see cref="RedisErrorException"/>), a Redis that cannot be
/// used (<see cref="RedisUnavailableException"/>), a reader that fell behind (<see cref="RedisSubscriberLimitException"/>).
/// </summary>
public abstract class RedisClientException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null if there is none.</param>
    protected RedisClientException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
