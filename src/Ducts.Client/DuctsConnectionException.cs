using System.Net;

namespace Ducts.Client;

/// <summary>The exception that is thrown when there is no connection or it was lost. The outcome of a request that was sent is then unknown.</summary>
public sealed class DuctsConnectionException : Exception
{
    /// <summary>Creates an exception with a default message.</summary>
    public DuctsConnectionException()
        : base("There is no connection to the server.")
    {
    }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">The message.</param>
    public DuctsConnectionException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
    public DuctsConnectionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Gets the status with which service discovery or the WebSocket's handshake was refused; null if there was no HTTP response.</summary>
    public HttpStatusCode? StatusCode { get; internal init; }

    /// <summary>Gets the code with which the server has closed the connection; null if there was none.</summary>
    internal int? CloseCode { get; init; }

    /// <summary>Gets the time that the response asked to wait before another attempt.</summary>
    internal TimeSpan RetryAfter { get; init; }
}
