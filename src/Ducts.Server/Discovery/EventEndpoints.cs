using System.Globalization;
using System.Text.Json;
using Ducts.Configuration;
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
        endpoints.MapMethods(paths.EventIds, HttpAnswer.GetAndHead, AnswerIdsAsync).WithDisplayName("Ducts event ids");
        endpoints.MapMethods(paths.EventSpec, HttpAnswer.GetAndHead, AnswerSpecAsync).WithDisplayName("Ducts event spec");
    }

    private Task AnswerIdsAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-cache";
        return HttpAnswer.WriteAsync(context, StatusCodes.Status200OK, HttpAnswer.Json, documents.Current.Ids);
    }

    private Task AnswerSpecAsync(HttpContext context)
    {
        // The pattern is an option; whatever it calls its one parameter is the id.
        var text = context.Request.RouteValues.Values.OfType<string>().FirstOrDefault();
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id))
            return Problems.WriteAsync(context, StatusCodes.Status400BadRequest, "An event id is an integer.");
        if (documents.Current.Snapshot.Specs.FirstOrDefault(spec => spec.Id == id) is not { } spec)
            return Problems.WriteAsync(context, StatusCodes.Status404NotFound, $"No event has the id {id}.");

        context.Response.Headers.CacheControl = "no-cache";
        return HttpAnswer.WriteAsync(context, StatusCodes.Status200OK, HttpAnswer.Json, HttpAnswer.ToJson(spec, Write));
    }

    private static void Write(Utf8JsonWriter json, HandlerSpec spec)
    {
        json.WriteStartObject();
        EventDocuments.WriteSpec(json, spec);
        json.WriteStartArray("arguments");
        foreach (var argument in spec.Arguments)
        {
            json.WriteStartObject();
            json.WriteString("name", argument.Name);
            json.WriteString("type", TypeText.Of(argument.Type));
            json.WriteBoolean("required", argument.Required);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("result", spec.ResultType is { } result ? TypeText.Of(result) : null);
        json.WriteEndObject();
    }
}
