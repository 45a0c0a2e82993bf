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

    /// <summary>
    /// Gets whether the error tells of the state of the server, not of the command, so that the same command may succeed later:
    /// a replica (<c>READONLY</c>, <c>MASTERDOWN</c>), a server without memory (<c>OOM</c>) or replicas (<c>NOREPLICAS</c>), one
    /// that cannot save (<c>MISCONF</c>), loads its data (<c>LOADING</c>), runs a script (<c>BUSY</c>), wants a password
    /// (<c>NOAUTH</c>), or is a part of a cluster that is not whole (<c>CLUSTERDOWN</c>, <c>TRYAGAIN</c>).
    /// </summary>
    public bool IsTransient => Code is "READONLY" or "MASTERDOWN" or "OOM" or "NOREPLICAS" or "MISCONF" or "LOADING" or "BUSY" or "NOAUTH" or "CLUSTERDOWN" or "TRYAGAIN";
}
