using Ducts.Dispatch.Binding;

namespace Ducts.Handlers;

/// <summary>An event that is answered by something else than a handler class: a mapped function, or a built-in.</summary>
/// <param name="Spec">What is known of it.</param>
/// <param name="Invoker">What answers it; null for ids that are no requests.</param>
internal sealed record MappedEvent(HandlerSpec Spec, HandlerInvoker? Invoker);
