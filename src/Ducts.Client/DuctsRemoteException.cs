using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>The exception that is thrown when the server replies to a request with an error.</summary>
public class DuctsRemoteException : Exception
{
    /// <summary>Creates an exception from the text of an error.</summary>
    /// <param name="eventId">The id of the event that was called.</param>
    /// <param name="text">The text that the server sent, such as <c>KeyError('no such group')</c>.</param>
    public DuctsRemoteException(int eventId, string text)
        : this(eventId, text, ErrorText.Parse(text))
    {
    }

    private protected DuctsRemoteException(int eventId, string text, (string Name, string Message) parts, Exception? cause = null)
        : base(parts.Message, cause)
    {
        EventId = eventId;
        Text = text;
        Name = parts.Name;
    }

    /// <summary>Gets the id of the event that was called.</summary>
    public int EventId { get; }

    /// <summary>Gets the name of the error, such as <c>KeyError</c>; <c>Error</c> if the text has another form.</summary>
    public string Name { get; }

    /// <summary>Gets the text that the server sent.</summary>
    public string Text { get; }

    /// <summary>Creates the exception that the text of an error stands for.</summary>
    internal static DuctsRemoteException Create(int eventId, string text)
    {
        var parts = ErrorText.Parse(text);
        return parts.Name == ErrorNames.Permission ? new DuctsNotAuthorizedException(eventId, text, parts) : new DuctsRemoteException(eventId, text, parts);
    }
}
