using System.Text.Json;
using Ducts.Discovery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Ducts.WebApis;

/// <summary>An RFC 9457 problem document.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What the caller is told; null where the status says it all.</param>
/// <param name="Error">The error's name as on the wire, such as <c>KeyError</c>; null where nothing was thrown.</param>
/// <param name="Reference">Under which the log has the whole of it; null where nothing is held back.</param>
internal sealed record Problem(int Status, string? Detail, string? Error = null, string? Reference = null)
{
    public const string ContentType = "application/problem+json";

    public static Problem Of(int status, string? detail = null) => new(status, detail);

    public Task WriteAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return HttpAnswer.WriteAsync(context, Status, ContentType, HttpAnswer.ToJson(this, Write));
    }

    private static void Write(Utf8JsonWriter json, Problem problem)
    {
        json.WriteStartObject();
        // The type that RFC 9457 gives to problems that mean no more than their status.
        json.WriteString("type", "about:blank");
        json.WriteString("title", ReasonPhrases.GetReasonPhrase(problem.Status));
        json.WriteNumber("status", problem.Status);
        if (problem.Detail is not null)
            json.WriteString("detail", problem.Detail);
        if (problem.Error is not null)
            json.WriteString("error", problem.Error);
        if (problem.Reference is not null)
            json.WriteString("reference", problem.Reference);
        json.WriteEndObject();
    }
}
