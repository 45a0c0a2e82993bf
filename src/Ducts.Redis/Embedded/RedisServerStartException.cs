namespace Ducts.Redis.Embedded;

/// <summary>The embedded redis-server could not be started; the message has its own last words.</summary>
public sealed class RedisServerStartException : RedisClientException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause; null if there is none.</param>
    public RedisServerStartException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
