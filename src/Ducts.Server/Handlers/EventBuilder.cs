using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Ducts.Handlers;

/// <summary>What the conventions of a mapped event work on. An event is no endpoint: only the metadata counts.</summary>
internal sealed class EventBuilder : EndpointBuilder
{
    public EventBuilder(string name, IEnumerable<object> attributes, IServiceProvider services)
    {
        DisplayName = name;
        ApplicationServices = services;
        foreach (var attribute in attributes)
        {
            Metadata.Add(attribute);
        }
    }

    /// <summary>Returns what is wrong with what the conventions have done; null for nothing.</summary>
    public string? FindProblem() => FilterFactories.Count > 0 ? "endpoint filters do not run here; add an IEventFilter by AddFilter instead"
        : RequestDelegate is not null ? "a convention has set its request delegate, but the mapped function answers it"
        : null;

    public override Endpoint Build() => new(requestDelegate: null, new EndpointMetadataCollection(Metadata), DisplayName);
}
