using System.Reflection;
using Ducts.Dispatch.Binding;

namespace Ducts.Handlers;

/// <summary>An event that is answered by something else than a handler class: a mapped function, or a built-in.</summary>
/// <param name="Spec">What is known of it.</param>
/// <param name="Invoker">What answers it; null for ids that are no requests.</param>
/// <param name="Code">Where the code is that answers it.</param>
internal sealed record MappedEvent(HandlerSpec Spec, HandlerInvoker? Invoker, Assembly Code)
{
    /// <summary>Creates an event that a function answers.</summary>
    /// <exception cref="ArgumentException">The function cannot answer requests.</exception>
    public static MappedEvent Of(int id, string key, Delegate function, Dispatch.WireSerializer serializer)
    {
        var signature = HandlerSignature.Of(function);
        if (signature.Problems.Count > 0)
        {
            throw new ArgumentException($"Event {id} {key} cannot be mapped to this function: {signature.Problems[0]}.", nameof(function));
        }

        var spec = new HandlerSpec(id, key)
        {
            Arguments = signature.Arguments,
            ResultType = signature.ResultType,
            Callback = signature.IsStream,
        };
        return new MappedEvent(spec, new LazyHandlerInvoker(signature, function, serializer.Options), function.Method.Module.Assembly);
    }
}
