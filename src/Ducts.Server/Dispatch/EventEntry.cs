using System.Reflection;
using Ducts.Dispatch.Binding;

namespace Ducts.Dispatch;

/// <summary>One event as the dispatcher finds it.</summary>
/// <param name="Spec">What is known of it.</param>
/// <param name="Invoker">Calls its handler.</param>
/// <param name="Code">Where its handler's code is: the texts of exceptions that this throws are the handler's own.</param>
/// <param name="Generation">The load it belongs to; null for events that are never replaced.</param>
internal sealed record EventEntry(HandlerSpec Spec, HandlerInvoker Invoker, Assembly Code, HandlerGeneration? Generation = null);
