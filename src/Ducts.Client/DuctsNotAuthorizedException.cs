using System.Net;
using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>
/// The exception that is thrown when the user may not do something: the server replied to a request with a <c>PermissionError</c>, refused service discovery with
/// status 401 or 403, or refused the WebSocket of a new session with 403.
/// </summary>
public sealed class DuctsNotAuthorizedException : DuctsRemoteException
{
    /// <summary>Creates an exception from the text of an error.</summary>
    /// <param name="eventId">The id of the event that was called.</param>
    /// <param name="text">The text that the server sent, such as <c>PermissionError('this event needs the role admin')</c>.</param>
    public DuctsNotAuthorizedException(int eventId, string text)
        : base(eventId, text)
    {
    }

    internal DuctsNotAuthorizedException(int eventId, string text, (string Name, string Message) parts)
        : base(eventId, text, parts)
    {
    }

    /// <summary>Creates an exception for what is no request's reply.</summary>
    internal DuctsNotAuthorizedException(string message, Exception cause)
        : base(0, "", (ErrorNames.Permission, message), cause)
    {
        StatusCode = (cause as DuctsConnectionException)?.StatusCode;
    }

    /// <summary>Gets the status with which service discovery or the WebSocket's handshake was refused; null if it was a request's reply.</summary>
    public HttpStatusCode? StatusCode { get; }
}
