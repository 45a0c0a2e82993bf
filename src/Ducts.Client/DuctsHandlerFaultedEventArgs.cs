namespace Ducts.Client;

/// <summary>Provides data for <see cref="DuctsClient.HandlerFaulted"/>.</summary>
/// <param name="eventId">The id of the event whose message the callback handled.</param>
/// <param name="exception">The exception that the callback threw.</param>
public sealed class DuctsHandlerFaultedEventArgs(int eventId, Exception exception) : EventArgs
{
    /// <summary>Gets the id of the event whose message the callback handled.</summary>
    public int EventId { get; } = eventId;

    /// <summary>Gets the exception that the callback threw.</summary>
    public Exception Exception { get; } = exception;
}
