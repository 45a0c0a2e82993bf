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

    /// <summary>
    /// Whether the command had been written when the connection was lost or the time was up: Redis may have carried it
    /// out or not. False: it was not sent, or refused, and so certainly not carried out.
    /// </summary>
    public bool IsOutcomeUnknown { get; init; }

    internal static RedisConnectionException Unanswered(string reason, Exception? cause = null) =>
        new($"{reason} The command was sent and not answered: its outcome is unknown.", cause) { IsOutcomeUnknown = true };

    internal static RedisConnectionException NotSent(string reason, Exception? cause = null) =>
        new($"{reason} The command was not sent.", cause);
}
