using System.Globalization;
using Ducts.Configuration;
using Ducts.Dispatch.Binding;
using Ducts.Sessions;
using Ducts.WebApis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Ducts.Discovery;

/// <summary>The event list, the map of ids, and one event's spec: what the caller may call.</summary>
internal sealed class EventEndpoints(DuctsPaths paths, EventDocuments documents)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods(paths.EventSpecs, HttpAnswer.GetAndHead, AnswerSpecsAsync).WithDisplayName("Ducts event list");
        endpoints.MapMethods(paths.EventIds, HttpAnswer.GetAndHead, AnswerIdsAsync).WithDisplayName("Ducts event ids");
        endpoints.MapMethods(paths.EventSpec, HttpAnswer.GetAndHead, AnswerSpecAsync).WithDisplayName("Ducts event spec");
    }

    private static Task WriteAsync(HttpContext context, EventDocuments.Written shown, byte[] json)
    {
        ServedContent.LetCache(context.Response.Headers, shown.IsPrivate);
        return HttpAnswer.WriteAsync(context, StatusCodes.Status200OK, HttpAnswer.Json, json);
    }

    private ValueTask<EventDocuments.Written> DocumentsForAsync(HttpContext context) =>
        documents.ForAsync(context, RequestUser.Of(context));

    private async Task AnswerSpecsAsync(HttpContext context) => await (await DocumentsForAsync(context)).Specs.WriteAsync(context);

    private async Task AnswerIdsAsync(HttpContext context)
    {
        var shown = await DocumentsForAsync(context);
        await WriteAsync(context, shown, shown.Ids);
    }

    private async Task AnswerSpecAsync(HttpContext context)
    {
        // The pattern is an option; whatever it calls its one parameter is the id.
        var text = context.Request.RouteValues.Values.OfType<string>().FirstOrDefault();
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id))
        {
            await Problems.WriteAsync(context, StatusCodes.Status400BadRequest, "An event id is an integer.");
            return;
        }

        var shown = await DocumentsForAsync(context);
        if (shown.Events.FirstOrDefault(spec => spec.Id == id) is not { } spec)
        {
            await Problems.WriteAsync(context, StatusCodes.Status404NotFound, $"No event has the id {id}.");
            return;
        }

        await WriteAsync(context, shown, HttpAnswer.ToJson(new
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
