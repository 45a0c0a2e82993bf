using System.Reflection;
using Ducts.Dispatch;
using Microsoft.AspNetCore.Http.Metadata;

namespace Ducts.Handlers;

/// <summary>Puts around the events what they ask for, and says what the server cannot do of that.</summary>
internal sealed class EventDecorations(IEnumerable<IEventDecorator> decorators)
{
    private readonly IEventDecorator[] _decorators = [.. decorators];

    /// <summary>Reads what an event declares.</summary>
    /// <param name="description">The event.</param>
    /// <param name="problems">Gets what keeps it from being loaded.</param>
    /// <returns>Puts around the event what it asks for.</returns>
    public async Task<EventDecoration> ReadAsync(EventDescription description, ICollection<string> problems)
    {
        foreach (var metadata in description.Kind == EventKind.None ? [] : description.Metadata)
        {
            if (!_decorators.Any(decorator => decorator.Honors(metadata)) && MetadataRules.Refusal(metadata) is { } refusal)
            {
                problems.Add(refusal);
            }
        }

        if (description.Spec.Description.Length == 0 && description.Metadata.GetMetadata<IEndpointDescriptionMetadata>() is { } text)
        {
            description.Spec.Description = text.Description;
        }

        var decorations = new List<EventDecoration>();
        foreach (var decorator in _decorators)
        {
            if (await decorator.ReadAsync(description, problems) is { } decoration)
            {
                decorations.Add(decoration);
            }
        }

        return entry => decorations.Aggregate(entry, static (entry, decoration) => decoration(entry));
    }

    /// <summary>
    /// Returns the attributes that say something about an event: those of its handler's class, then those of the method that answers. What
    /// is inherited comes before what is declared, as the last word on a matter is what counts.
    /// </summary>
    public static IEnumerable<object> AttributesOf(Type? handler, MethodInfo? method) =>
        AttributesOf(handler)
            .Concat(AttributesOf(method))
            // The compiler's own, such as NullableContext.
            .Where(static attribute => attribute.GetType().Namespace is not "System.Runtime.CompilerServices");

    private static IEnumerable<object> AttributesOf(MemberInfo? member)
    {
        if (member is null)
        {
            return [];
        }

        var declared = member.GetCustomAttributes(inherit: false).Length;
        var all = member.GetCustomAttributes(inherit: true);
        return all.Skip(declared).Concat(all.Take(declared));
    }
}
