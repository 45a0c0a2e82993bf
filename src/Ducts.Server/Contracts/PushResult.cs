namespace Ducts;

/// <summary>Describes what became of a push to several sessions.</summary>
/// <param name="Reached">The number of sessions that the message was queued for.</param>
/// <param name="Skipped">The number of sessions that were left out because they had no room; 0 with <see cref="PushMode.Wait"/>.</param>
public readonly record struct PushResult(int Reached, int Skipped);
