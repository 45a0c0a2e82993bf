namespace Ducts.MessagePack;

/// <summary>The exception that is thrown when a value cannot be packed; the message says which value and why.</summary>
public sealed class MessagePackWriteException : Exception
{
    /// <summary>Creates an exception with a default message.</summary>
    public MessagePackWriteException()
        : base("The value cannot be packed.")
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">Which value, and why.</param>
    public MessagePackWriteException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">Which value, and why.</param>
    /// <param name="innerException">The cause.</param>
    public MessagePackWriteException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal MessagePackWriteException(string message, sbyte extensionType)
        : base(message) => ExtensionType = extensionType;

    /// <summary>
    /// Gets the type of the MessagePack extension that stood in the value, in an element for example, and that clients could not
    /// read. Null if the value cannot be packed for another reason.
    /// </summary>
    public sbyte? ExtensionType { get; }
}
