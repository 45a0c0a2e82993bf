using Ducts.Dispatch;
using Ducts.Dispatch.Binding;

namespace Ducts.Handlers;

/// <summary>A handler that has been constructed.</summary>
/// <param name="Candidate">Where it comes from.</param>
/// <param name="Instance">The handler.</param>
/// <param name="Signature">What it takes and returns.</param>
/// <param name="Spec">What is known of its event.</param>
internal sealed record LoadedHandler(HandlerCandidate Candidate, DuctsHandler Instance, HandlerSignature Signature, HandlerSpec Spec)
{
    public bool OverridesRun =>
        Candidate.Type.GetMethod(nameof(DuctsHandler.RunAsync), [typeof(IHandlerManager), typeof(CancellationToken)])?.DeclaringType != typeof(DuctsHandler);
}
