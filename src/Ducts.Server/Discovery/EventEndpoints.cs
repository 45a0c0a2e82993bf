using System.Globalization;
using Ducts.Configuration;
using Ducts.Dispatch.Binding;
using Ducts.WebApis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Ducts.Discovery;

/// <summary>The event list, the map of ids, and one event's spec.</summary>
internal sealed class EventEndpoints(DuctsPaths paths, EventDocuments documents)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods(paths.EventSpecs, HttpAnswer.GetAndHead, context => documents.Current.Specs.WriteAsync(context)).WithDisplayName("Ducts event list");
        endpoints.MapMethods(paths.EventIds, HttpAnswer.GetAndHead, context => WriteAsync(context, documents.Current.Ids)).WithDisplayName("Ducts event ids");
        endpoints.MapMethods(paths.EventSpec, HttpAnswer.GetAndHead, AnswerSpecAsync).WithDisplayName("Ducts event spec");
    }

    private static Task WriteAsync(HttpContext context, byte[] json)
    {
        context.Response.Headers.CacheControl = "no-cache";
        return HttpAnswer.WriteAsync(context, StatusCodes.Status200OK, HttpAnswer.Json, json);
    }

    private Task AnswerSpecAsync(HttpContext context)
    {
        // The pattern is an option; whatever it calls its one parameter is the id.
        var text = context.Request.RouteValues.Values.OfType<string>().FirstOrDefault();
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id))
        {
            return Problems.WriteAsync(context, StatusCodes.Status400BadRequest, "An event id is an integer.");
        }

        if (documents.Current.Snapshot.Specs.FirstOrDefault(spec => spec.Id == id) is not { } spec)
        {
            return Problems.WriteAsync(context, StatusCodes.Status404NotFound, $"No event has the id {id}.");
        }

        return WriteAsync(context, HttpAnswer.ToJson(new
        {
            id = spec.Id,
            key = spec.Key,
            callback = spec.Callback,
            responsive = spec.Responsive,
            description = spec.Description,
            arguments = spec.Arguments.Select(static argument => new { name = argument.Name, type = TypeText.Of(argument.Type), required = argument.Required }),
            result = spec.ResultType is { } result ? TypeText.Of(result) : null,
        }));
    }
}
