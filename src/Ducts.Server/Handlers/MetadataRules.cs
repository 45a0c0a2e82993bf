using Ducts.Dispatch.Binding;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Routing;

namespace Ducts.Handlers;

/// <summary>
/// Tells what ASP.NET Core's attributes and conventions mean for an event. One that would be ignored is refused: who reads it
/// believes that it works.
/// </summary>
internal static class MetadataRules
{
    private const string Framework = "Microsoft.AspNetCore";

    /// <summary>Returns why an event cannot have a piece of metadata that nobody honors; null where it says nothing that would have to be done.</summary>
    public static string? Refusal(object metadata)
    {
        var type = metadata.GetType();
        if (!IsOfFramework(type) || IsForReaders(metadata))
        {
            return null;
        }

        var name = metadata is Attribute ? $"[{NameOf(type)}]" : TypeText.Of(type);
        return $"{name} has no effect on an event: {Advice(metadata)}";
    }

    private static bool IsOfFramework(Type type)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (at.Namespace?.StartsWith(Framework, StringComparison.Ordinal) == true)
            {
                return true;
            }
        }

        return Array.Exists(type.GetInterfaces(), static each => each.Namespace?.StartsWith(Framework, StringComparison.Ordinal) == true);
    }

    // Names, descriptions and the like are for people and for documents.
    private static bool IsForReaders(object metadata) => metadata
        is ITagsMetadata
        or IEndpointSummaryMetadata
        or IEndpointDescriptionMetadata
        or IEndpointNameMetadata
        or IRouteNameMetadata
        or IEndpointGroupNameMetadata
        or IExcludeFromDescriptionMetadata
        or IApiDescriptionGroupNameProvider
        or IApiDescriptionVisibilityProvider
        or IProducesResponseTypeMetadata
        or (IApiResponseMetadataProvider and not IResultFilter and not IAsyncResultFilter)
        or IRouteDiagnosticsMetadata;

    private static string Advice(object metadata) => metadata switch
    {
        ICorsMetadata => "pages of other origins open WebSockets by option allowed_origins. For a Web API, put it on its method",
        IHostMetadata => "put RequireHost on MapDucts(), through which all clients come. For a Web API, put it on its method",
        IFilterMetadata => "filters of MVC do not run here; implement IEventFilter instead",
        _ => "if it is for Web APIs, put it on their methods; otherwise remove it",
    };

    private static string NameOf(Type type)
    {
        var name = TypeText.Of(type).Split('<')[0];
        return name.EndsWith(nameof(Attribute), StringComparison.Ordinal) ? name[..^nameof(Attribute).Length] : name;
    }
}
