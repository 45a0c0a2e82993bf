using Ducts.Protocol;

namespace Ducts;

/// <summary>
/// Represents an error that a handler reports to its caller: the client receives its name and message regardless of option <c>detailed_errors</c>. The
/// static methods create one for each name that clients know.
/// </summary>
public sealed class EventException : Exception
{
    /// <summary>Creates an error for the caller.</summary>
    /// <param name="name">
    /// One of <c>KeyError</c>, <c>ValueError</c>, <c>TypeError</c>, <c>PermissionError</c>, <c>TimeoutError</c>,
    /// <c>FileNotFoundError</c>, <c>NotImplementedError</c>, <c>ConnectionError</c>, <c>RuntimeError</c>; Python clients
    /// evaluate it.
    /// </param>
    /// <param name="message">The message that the caller receives.</param>
    /// <param name="innerException">What caused the error; it is not sent.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not one of these.</exception>
    public EventException(string name, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        if (!ErrorNames.IsKnown(name))
        {
            throw new ArgumentException($"'{name}' is not a known error name. Use one of {string.Join(", ", ErrorNames.All)}.", nameof(name));
        }

        Name = name;
    }

    /// <summary>Gets the error's name as clients see it.</summary>
    public string Name { get; }

    /// <summary>Creates a <c>KeyError</c>: what the request names does not exist.</summary>
    /// <param name="message">The message that the caller receives.</param>
    /// <returns>The exception to throw.</returns>
    public static EventException NotFound(string message) => new(ErrorNames.Key, message);

    /// <summary>Creates a <c>ValueError</c>: a value of the request is not accepted.</summary>
    /// <param name="message">The message that the caller receives.</param>
    /// <returns>The exception to throw.</returns>
    public static EventException InvalidValue(string message) => new(ErrorNames.Value, message);

    /// <summary>Creates a <c>TypeError</c>: the request's data has another form than the event takes.</summary>
    /// <param name="message">The message that the caller receives.</param>
    /// <returns>The exception to throw.</returns>
    public static EventException InvalidType(string message) => new(ErrorNames.Type, message);

    /// <summary>Creates a <c>PermissionError</c>: the caller may not do this.</summary>
    /// <param name="message">The message that the caller receives.</param>
    /// <returns>The exception to throw.</returns>
    public static EventException PermissionDenied(string message) => new(ErrorNames.Permission, message);

    /// <summary>Creates a <c>TimeoutError</c>: something took too long.</summary>
    /// <param name="message">The message that the caller receives.</param>
    /// <returns>The exception to throw.</returns>
    public static EventException TimedOut(string message) => new(ErrorNames.Timeout, message);

    /// <summary>Creates a <c>FileNotFoundError</c>: there is no such file.</summary>
    /// <param name="message">The message that the caller receives.</param>
    /// <returns>The exception to throw.</returns>
    public static EventException FileNotFound(string message) => new(ErrorNames.FileNotFound, message);

    /// <summary>Creates a <c>NotImplementedError</c>: this is not supported.</summary>
    /// <param name="message">The message that the caller receives.</param>
    /// <returns>The exception to throw.</returns>
    public static EventException NotSupported(string message) => new(ErrorNames.NotImplemented, message);

    /// <summary>Creates a <c>ConnectionError</c>: another service cannot be reached.</summary>
    /// <param name="message">The message that the caller receives.</param>
    /// <returns>The exception to throw.</returns>
    public static EventException ConnectionFailed(string message) => new(ErrorNames.Connection, message);

    /// <summary>Creates a <c>RuntimeError</c>: any other error.</summary>
    /// <param name="message">The message that the caller receives.</param>
    /// <returns>The exception to throw.</returns>
    public static EventException Failed(string message) => new(ErrorNames.Runtime, message);
}
