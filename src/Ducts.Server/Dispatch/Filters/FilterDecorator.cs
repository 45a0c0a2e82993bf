using System.Reflection;
using Ducts.Dispatch.Binding;
using Ducts.Dispatch.Binding.Results;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Dispatch.Filters;

/// <summary>A filter of all events of the application.</summary>
/// <param name="Type">Its class.</param>
internal sealed record GlobalFilter(Type Type);

/// <summary>Puts filters around events: those of all events outside, then those of the event in the order of its metadata.</summary>
internal sealed class FilterDecorator(IEnumerable<GlobalFilter> filters, IServiceProvider services) : IEventDecorator
{
    private readonly GlobalFilter[] _filters = [.. filters];

    public bool Honors(object metadata) => metadata is IEventFilter or IEventFilterReference;

    public ValueTask<EventDecoration?> ReadAsync(EventDescription description, ICollection<string> problems)
    {
        if (description.Kind == EventKind.None && description.Metadata.Any(Honors))
        {
            problems.Add("filters of events do not run for Web APIs, and the handler has nothing else; use middleware, or remove the filter");
        }

        if (description.Kind != EventKind.Application)
        {
            return default;
        }

        EventFilterSource[] sources = [.. _filters.Select(filter => Create(filter.Type)), .. description.Metadata.Select(CreateFrom).OfType<EventFilterSource>()];
        if (sources.Length == 0)
        {
            return default;
        }

        foreach (var source in sources)
        {
            if (source.Problem is { } problem)
            {
                problems.Add(problem);
            }
        }

        var other = (ResultWriter<object?>)new ResultWriterFactory(description.Serializer).Create(typeof(object));
        IEventFilter[] own = [.. description.Metadata.OfType<IEventFilter>().Where(static filter => filter is IAsyncDisposable or IDisposable)];
        Assembly[] code = [.. sources.Select(static source => source.Type.Assembly).Distinct()];
        return new(entry => entry with
        {
            Invoker = new FilterInvoker(entry.Invoker, sources, description.Metadata, other),
            FilterCode = code,
            Filters = own,
        });
    }

    private EventFilterSource? CreateFrom(object metadata) => metadata switch
    {
        IEventFilter filter => new EventFilterSource(filter.GetType(), _ => filter),
        IEventFilterReference reference => Create(reference.FilterType),
        _ => null,
    };

    // A container remembers each type that it was asked for, and a type of a handler's own code must be forgotten: so it is
    // asked only for those that it has.
    private EventFilterSource Create(Type type) => services.GetService<IServiceProviderIsService>()?.IsService(type) == true
        ? new EventFilterSource(type, request => (IEventFilter)request.GetRequiredService(type))
        : new EventFilterSource(type, request => (IEventFilter)ActivatorUtilities.CreateInstance(request, type))
        {
            IsOfRequest = true,
            Problem = type.IsAbstract ? $"the filter {TypeText.Of(type)} is abstract, so that no object of it can run; name a class that derives from it" : null,
        };
}

/// <summary>Gives a filter to each request.</summary>
/// <param name="Type">The filter's class.</param>
/// <param name="Get">Returns it, of the services of a request.</param>
internal sealed record EventFilterSource(Type Type, Func<IServiceProvider, IEventFilter> Get)
{
    /// <summary>Gets whether each request has one of its own, which ends with it.</summary>
    public bool IsOfRequest { get; init; }

    /// <summary>Gets why there can be no such filter; null when there can.</summary>
    public string? Problem { get; init; }
}
