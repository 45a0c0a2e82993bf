namespace Ducts.Client;

/// <summary>Provides data for <see cref="DuctsClient.StateChanged"/>.</summary>
/// <param name="state">The new state.</param>
/// <param name="reason">The error that caused the change; null if there was none.</param>
public sealed class DuctsStateChangedEventArgs(DuctsClientState state, Exception? reason) : EventArgs
{
    /// <summary>Gets the new state.</summary>
    public DuctsClientState State { get; } = state;

    /// <summary>Gets the error that caused the change; null after <see cref="DuctsClient.CloseAsync"/> and when the connection opens.</summary>
    public Exception? Reason { get; } = reason;

    /// <summary>
    /// Gets whether the connection that opened belongs to a new session, because the server had ended the old one or lost its state: what was sent and not
    /// replied to has failed, and whatever the server kept for the session is gone.
    /// </summary>
    public bool IsNewSession { get; init; }
}
