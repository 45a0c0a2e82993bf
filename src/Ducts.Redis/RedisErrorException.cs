namespace Ducts.Redis;

/// <summary>Redis answered a command with an error; the message is Redis' own text.</summary>
public sealed class RedisErrorException : RedisClientException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The text of Redis, such as <c>WRONGTYPE Operation against a key…</c>.</param>
    /// <param name="innerException">The cause; null if there is none.</param>
    public RedisErrorException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Gets the first word of Redis' text, such as <c>WRONGTYPE</c> or <c>ERR</c>.</summary>
    public string Code
    {
        get
        {
            var space = Message.IndexOf(' ', StringComparison.Ordinal);
            return space < 0 ? Message : Message[..space];
        }
    }
}
