namespace Ducts.Client;

/// <summary>A function given to <see cref="DuctsClient.On"/> threw.</summary>
/// <param name="eventId">The event whose message it was handling.</param>
/// <param name="exception">What it threw.</param>
public sealed class DuctsHandlerFaultedEventArgs(int eventId, Exception exception) : EventArgs
{
    /// <summary>The event whose message it was handling.</summary>
    public int EventId { get; } = eventId;

    /// <summary>What it threw.</summary>
    public Exception Exception { get; } = exception;
}
