using Ducts.Dispatch;

namespace Ducts.Handlers;

/// <summary>A handler that has been constructed.</summary>
/// <param name="Candidate">Where it comes from.</param>
/// <param name="Instance">The handler.</param>
/// <param name="Entry">Its event, with what is around it.</param>
internal sealed record LoadedHandler(HandlerCandidate Candidate, DuctsHandler Instance, EventEntry Entry)
{
    /// <summary>Gets what is known of its event.</summary>
    public HandlerSpec Spec => Entry.Spec;

    public bool OverridesRun =>
        Candidate.Type.GetMethod(nameof(DuctsHandler.RunAsync), [typeof(IHandlerManager), typeof(CancellationToken)])?.DeclaringType != typeof(DuctsHandler);
}
