namespace Ducts.Client;

/// <summary>A change of a client's state.</summary>
/// <param name="state">The state now.</param>
/// <param name="reason">Why, where something went wrong.</param>
public sealed class DuctsStateChangedEventArgs(DuctsClientState state, Exception? reason) : EventArgs
{
    /// <summary>The state now.</summary>
    public DuctsClientState State { get; } = state;

    /// <summary>Why, where something went wrong; null after <see cref="DuctsClient.CloseAsync"/> and on opening.</summary>
    public Exception? Reason { get; } = reason;
}
