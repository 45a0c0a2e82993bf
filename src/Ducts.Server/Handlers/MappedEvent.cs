using System.Reflection;
using Ducts.Dispatch;
using Ducts.Dispatch.Binding;
using Microsoft.AspNetCore.Http;

namespace Ducts.Handlers;

/// <summary>An event that is answered by something else than a handler class: a mapped function, or a built-in.</summary>
/// <param name="Spec">What is known of it.</param>
/// <param name="Invoker">What answers it; null for ids that are no requests.</param>
/// <param name="Code">Where the code is that answers it.</param>
internal sealed record MappedEvent(HandlerSpec Spec, HandlerInvoker? Invoker, Assembly Code)
{
    /// <summary>Gets who answers it.</summary>
    public EventKind Kind { get; init; } = EventKind.Protocol;

    /// <summary>Gets the attributes of the function that answers it.</summary>
    public IReadOnlyList<object> Attributes { get; init; } = [];

    /// <summary>Gets what the application has added to it; null for built-in events.</summary>
    public DuctsEventConventionBuilder? Conventions { get; init; }

    /// <summary>Creates an event that a function answers.</summary>
    /// <exception cref="ArgumentException">The function cannot answer requests.</exception>
    public static MappedEvent Of(int id, string key, Delegate function, WireSerializer serializer, EventKind kind = EventKind.Application)
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
        return new MappedEvent(spec, new LazyHandlerInvoker(signature, function, serializer.Options), function.Method.Module.Assembly)
        {
            Kind = kind,
            Attributes = kind == EventKind.Application ? [.. EventDecorations.AttributesOf(handler: null, function.Method)] : [],
            Conventions = kind == EventKind.Application ? new DuctsEventConventionBuilder(spec) : null,
        };
    }

    /// <summary>Runs the conventions and says what the event declares.</summary>
    /// <param name="serializer">How its values are converted.</param>
    /// <param name="services">The application's services, for conventions.</param>
    /// <param name="problems">Gets what conventions have done that has no effect.</param>
    public EventDescription Describe(WireSerializer serializer, IServiceProvider services, ICollection<string> problems)
    {
        var builder = new EventBuilder($"{Spec.Id} {Spec.Key}", Attributes, services);
        Conventions?.Apply(builder);
        if (builder.FindProblem() is { } problem)
        {
            problems.Add(problem);
        }

        return new EventDescription(Spec, new EndpointMetadataCollection(builder.Metadata), serializer.Options) { Kind = Kind };
    }
}
