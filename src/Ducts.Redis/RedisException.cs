namespace Ducts.Redis;

/// <summary>Redis answered a command with an error; the message is Redis' own text.</summary>
public class RedisException : Exception
{
    /// <summary>Makes an exception of a text.</summary>
    /// <param name="message">Redis' text.</param>
    public RedisException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception of a text and its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public RedisException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The first word of Redis' text, such as <c>WRONGTYPE</c> or <c>ERR</c>.</summary>
    public string Code
    {
        get
        {
            var space = Message.IndexOf(' ', StringComparison.Ordinal);
            return space < 0 ? Message : Message[..space];
        }
    }
}
