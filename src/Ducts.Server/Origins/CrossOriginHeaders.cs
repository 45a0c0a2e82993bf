using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Ducts.Origins;

/// <summary>Writes the CORS headers of an answer and answers preflight requests, from the list that WebSockets obey too.</summary>
internal sealed class CrossOriginHeaders(OriginPolicy policy)
{
    // Ten minutes: Chromium keeps none longer than two hours, and a changed list should soon be felt.
    private const string PreflightMaxAge = "600";

    /// <summary>Sets the headers; true when the request was a preflight and is answered.</summary>
    public bool Apply(HttpContext context)
    {
        var request = context.Request;
        var headers = context.Response.Headers;
        if (!policy.AllowsAny)
            headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        var isPreflight = HttpMethods.IsOptions(request.Method)
            && request.Headers.Origin.Count == 1
            && request.Headers.AccessControlRequestMethod.Count == 1;
        if (request.Headers.Origin is [{ } origin])
        {
            if (policy.IsListed(origin))
            {
                headers.AccessControlAllowOrigin = origin;
                // Only for origins named one by one: any page could otherwise act with the user's cookies.
                headers.AccessControlAllowCredentials = "true";
                Allow(context, isPreflight);
            }
            else if (policy.AllowsAny)
            {
                headers.AccessControlAllowOrigin = "*";
                Allow(context, isPreflight);
            }
        }

        if (isPreflight)
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        return isPreflight;
    }

    private static void Allow(HttpContext context, bool isPreflight)
    {
        var request = context.Request.Headers;
        var headers = context.Response.Headers;
        if (!isPreflight)
        {
            headers.AccessControlExposeHeaders = "ETag, Last-Modified, Content-Range, Accept-Ranges, Location, Retry-After";
            return;
        }

        headers.AccessControlAllowMethods = request.AccessControlRequestMethod;
        if (!StringValues.IsNullOrEmpty(request.AccessControlRequestHeaders))
            headers.AccessControlAllowHeaders = request.AccessControlRequestHeaders;
        headers.AccessControlMaxAge = PreflightMaxAge;
    }
}
