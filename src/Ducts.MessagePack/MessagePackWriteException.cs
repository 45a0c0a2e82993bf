namespace Ducts.MessagePack;

/// <summary>A value cannot be packed; the message says which and why.</summary>
public sealed class MessagePackWriteException : Exception
{
    /// <summary>Makes one without a reason.</summary>
    public MessagePackWriteException()
        : base("The value cannot be packed.")
    {
    }

    /// <summary>Makes one with a reason.</summary>
    /// <param name="message">Which value, and why.</param>
    public MessagePackWriteException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a reason and what caused it.</summary>
    /// <param name="message">Which value, and why.</param>
    /// <param name="innerException">What caused it.</param>
    public MessagePackWriteException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
