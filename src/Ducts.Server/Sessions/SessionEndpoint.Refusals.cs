using Ducts.Redis;
using Microsoft.AspNetCore.Http;

namespace Ducts.Sessions;

/// <content>How a WebSocket is refused, by a status and a text.</content>
internal sealed partial class SessionEndpoint
{
    // What a client may wait before it asks again when Redis is out of reach or the server stops.
    private const string RetryAfterSeconds = "1";

    // What it takes until readers that stopped are cut, or those that waited have ended, is longer.
    private const string MemoryRetryAfterSeconds = "5";

    private static Task RefuseIdAsync(HttpContext context) =>
        WriteAsync(context, StatusCodes.Status403Forbidden, "There is no session of this id. Ask service discovery for one.");

    private static Task RefuseForRedisAsync(HttpContext context, RedisClientException exception)
    {
        var reason = exception is RedisErrorException error ? $"Redis refuses commands: {error.Code}." : "Redis is out of reach.";
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return WriteAsync(context, StatusCodes.Status503ServiceUnavailable, reason);
    }

    private Task RefuseUserAsync(HttpContext context, SessionUrlId id)
    {
        log.SocketRefused(SessionUrlId.SessionIdOf(id.StreamId), "its user is another, or has to sign in again");
        return RefuseIdAsync(context);
    }

    private Task RefuseCountAsync(HttpContext context, SessionCount count)
    {
        sessions.CountLimited(count);
        context.Response.Headers.RetryAfter = MemoryRetryAfterSeconds;
        return WriteAsync(context, StatusCodes.Status429TooManyRequests, SessionCounts.Describe(count));
    }

    // Among servers: the one that forwarded the handshake looks again for where the session lives.
    private static Task RefuseMisdirectedAsync(HttpContext context) =>
        WriteAsync(context, StatusCodes.Status421MisdirectedRequest, "The session does not live on this server.");

    private static Task RefuseForNowAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Where the session lives cannot be told, or not be reached, for now. Try again.");
    }

    private static Task RefuseStoppingAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The server stops.");
    }

    private static Task WriteAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(text);
    }
}
