namespace Ducts.Redis;

/// <summary>Redis could not be used: no connection in time, a connection that was lost, or no reply in time.</summary>
public sealed class RedisUnavailableException : RedisClientException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, and what is known of the command's outcome.</param>
    /// <param name="innerException">The cause; null if there is none.</param>
    public RedisUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// Gets whether Redis may have carried the command out: it had been handed to a connection that was lost, or was not
    /// answered in time. False: it was not sent, or Redis refused it, so it was certainly not carried out.
    /// </summary>
    public bool IsOutcomeUnknown { get; init; }

    internal static RedisUnavailableException Unanswered(string reason, Exception? cause = null) =>
        new($"{reason} The command was sent and not answered: its outcome is unknown.", cause) { IsOutcomeUnknown = true };

    internal static RedisUnavailableException NotSent(string reason, Exception? cause = null) =>
        new($"{reason} The command was not sent.", cause);
}
