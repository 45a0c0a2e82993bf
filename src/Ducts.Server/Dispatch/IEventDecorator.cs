using Ducts.MessagePack;
using Microsoft.AspNetCore.Http;

namespace Ducts.Dispatch;

/// <summary>
/// Puts something around the events that ask for it when they are loaded: filters, authorization, limits. What nobody asks for
/// costs the event nothing. Decorators run in the order of their registration, the innermost first.
/// </summary>
/// <remarks>Threading: loads run one after the other.</remarks>
internal interface IEventDecorator
{
    /// <summary>Returns whether this decorator does what a piece of metadata asks for.</summary>
    bool Honors(object metadata);

    /// <summary>Reads what an event declares, before its handler is constructed.</summary>
    /// <param name="description">The event.</param>
    /// <param name="problems">Gets what keeps the event from being loaded, in words for its author.</param>
    /// <returns>What is to be put around the event; null for nothing.</returns>
    ValueTask<EventDecoration?> ReadAsync(EventDescription description, ICollection<string> problems);
}

/// <summary>Puts something around an event.</summary>
internal delegate EventEntry EventDecoration(EventEntry entry);

/// <summary>Describes an event that is being loaded.</summary>
/// <param name="Spec">What is known of it.</param>
/// <param name="Metadata">What it declares.</param>
/// <param name="Serializer">How its values are converted; for as long as its code is loaded.</param>
internal sealed record EventDescription(HandlerSpec Spec, EndpointMetadataCollection Metadata, PackSerializerOptions Serializer)
{
    /// <summary>Gets who answers requests.</summary>
    public EventKind Kind { get; init; }
}

/// <summary>Says who answers an event.</summary>
internal enum EventKind
{
    /// <summary>The application.</summary>
    Application,

    /// <summary>The server, for whom the application allows it.</summary>
    BuiltIn,

    /// <summary>The server, for everybody: sessions work by it.</summary>
    Protocol,

    /// <summary>Nobody: the handler has Web APIs only.</summary>
    None,
}
