using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Ducts.WebApis;

/// <summary>Answers by RFC 9457 problem documents, through the application's <c>AddProblemDetails</c> where there is one.</summary>
internal static class Problems
{
    /// <summary>Writes a problem.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="detail">What the caller is told; null where the status says it all.</param>
    /// <param name="error">The error's name as on the wire, such as <c>KeyError</c>; null where nothing was thrown.</param>
    /// <param name="reference">The reference under which the log has the whole exception; null where nothing is held back.</param>
    public static Task WriteAsync(HttpContext context, int status, string? detail, string? error = null, string? reference = null)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        // The type that RFC 9457 gives to problems that mean no more than their status.
        var problem = new ProblemDetails { Status = status, Detail = detail, Type = "about:blank", Title = ReasonPhrases.GetReasonPhrase(status) };
        if (error is not null)
        {
            problem.Extensions["error"] = error;
        }

        if (reference is not null)
        {
            problem.Extensions["reference"] = reference;
        }

        return TypedResults.Problem(problem).ExecuteAsync(context);
    }
}
