namespace Ducts.Redis;

/// <summary>The connection to Redis was lost, or none was to be had in time.</summary>
public class RedisConnectionException : RedisException
{
    /// <summary>Makes an exception of what happened.</summary>
    /// <param name="message">What happened, and what is known of the command's outcome.</param>
    /// <param name="innerException">The cause.</param>
    public RedisConnectionException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
