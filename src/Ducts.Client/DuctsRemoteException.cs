using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>The server answered a request with an error.</summary>
public sealed class DuctsRemoteException : Exception
{
    /// <summary>Makes one from an error's text.</summary>
    /// <param name="eventId">The event that was called.</param>
    /// <param name="text">The text as it was sent, such as <c>KeyError('no such group')</c>.</param>
    public DuctsRemoteException(int eventId, string text)
        : this(eventId, text, ErrorText.Parse(text))
    {
    }

    private DuctsRemoteException(int eventId, string text, (string Name, string Message) parts)
        : base(parts.Message)
    {
        EventId = eventId;
        Text = text;
        Name = parts.Name;
    }

    /// <summary>The event that was called.</summary>
    public int EventId { get; }

    /// <summary>The kind of error, such as <c>KeyError</c>; <c>Error</c> where the text has another form.</summary>
    public string Name { get; }

    /// <summary>The text as it was sent.</summary>
    public string Text { get; }
}
