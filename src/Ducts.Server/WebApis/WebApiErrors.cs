using System.Reflection;
using System.Text.Json;
using Ducts.Dispatch.Errors;
using Ducts.Protocol;
using Ducts.Redis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ducts.WebApis;

/// <summary>Turns what a Web API throws into a problem, by the wire's rule of what may be shown.</summary>
internal sealed class WebApiErrors(IOptions<DuctsOptions> options, ILogger<WebApiErrors> logger)
{
    private const string RetryAfterSeconds = "2";

    /// <summary>Answers for an exception; where the answer has begun already, cuts it off, so that nobody takes it for whole.</summary>
    /// <param name="context">The request.</param>
    /// <param name="exception">What was thrown.</param>
    /// <param name="code">Where the code is that answers.</param>
    public Task AnswerAsync(HttpContext context, Exception exception, Assembly code)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
            return Task.CompletedTask;
        var path = context.Request.Path.Value ?? "";
        if (context.Response.HasStarted)
        {
            logger.CutOff(exception, context.Request.Method, path);
            context.Abort();
            return Task.CompletedTask;
        }

        var (status, detail, error, reference) = ToProblem(exception, code);
        if (reference is not null || status == StatusCodes.Status500InternalServerError)
            logger.Failed(exception, context.Request.Method, path, reference ?? "none, the response contains the message");
        else
            logger.Refused(context.Request.Method, path, status, exception.Message);

        var headers = context.Response.Headers;
        ClearAnswer(headers);
        if (exception is RedisUnavailableException or RedisErrorException { IsTransient: true })
            headers.RetryAfter = RetryAfterSeconds;
        return Problems.WriteAsync(context, status, detail, error, reference);
    }

    /// <summary>Answers a request that the stop of the server has cancelled; where the answer has begun already, cuts it off.</summary>
    public static async Task AnswerStoppingAsync(HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        ClearAnswer(context.Response.Headers);
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        await Problems.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The server is stopping.", ErrorNames.Connection);
        if (!HasWholeBody(context.Request))
        {
            // Kestrel would read on for seconds what nobody wants any more; after a read that was cancelled it cannot, and logs an error.
            await context.Response.CompleteAsync();
            context.Abort();
        }
    }

    private static bool HasWholeBody(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return true;
        }

        try
        {
            if (!request.BodyReader.TryRead(out var rest))
            {
                return false;
            }

            request.BodyReader.AdvanceTo(rest.Buffer.Start);
            return rest.IsCompleted;
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or BadHttpRequestException)
        {
            // Its reading was broken off.
            return false;
        }
    }

    // What the handler has prepared for its own answer is not true of another one; what is for any answer stays.
    private static void ClearAnswer(IHeaderDictionary headers)
    {
        headers.ContentLength = null;
        headers.ContentType = default;
        headers.Remove("Content-Encoding");
        headers.Remove("Content-Disposition");
        headers.ETag = default;
        headers.LastModified = default;
    }

    private (int Status, string Detail, string? Error, string? Reference) ToProblem(Exception exception, Assembly code)
    {
        if (exception is BadHttpRequestException bad)
        {
            return (bad.StatusCode, Detail(bad), null, null);
        }

        var error = ErrorMapper.Map(exception, code, options.Value.Event.DetailedErrors, cancelled: false);
        return (StatusOf(error.Name), error.Message, error.Name, error.Reference);
    }

    private static int StatusOf(string name) => name switch
    {
        ErrorNames.Key or ErrorNames.FileNotFound => StatusCodes.Status404NotFound,
        ErrorNames.Value or ErrorNames.Type => StatusCodes.Status400BadRequest,
        ErrorNames.Permission => StatusCodes.Status403Forbidden,
        ErrorNames.Timeout => StatusCodes.Status504GatewayTimeout,
        ErrorNames.NotImplemented => StatusCodes.Status501NotImplemented,
        ErrorNames.Connection => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>Returns the reason why a request was rejected, with the place in the JSON body if there is one.</summary>
    private static string Detail(BadHttpRequestException exception) => exception.InnerException switch
    {
        JsonException { LineNumber: { } line, BytePositionInLine: { } position } json =>
            $"{exception.Message} Line {line + 1}, byte {position + 1}{(json.Path is { Length: > 0 } path ? $", at {path}" : "")}.",
        _ => exception.Message,
    };
}
