using System.Globalization;
using Ducts.Sessions;
using Ducts.Telemetry;
using Ducts.WebApis;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Ducts.Discovery;

/// <summary>Refuses service discoveries whose user cannot have a session.</summary>
internal sealed class DiscoveryAdmission(UserAdmission users, ServerMetrics? metrics = null)
{
    // Until sessions of the same user or address have ended.
    private const int RetryAfterSeconds = 5;

    /// <summary>Answers a discovery that is refused.</summary>
    /// <returns>False when it is not.</returns>
    /// <exception cref="Redis.RedisClientException">Redis is out of reach, or refuses to answer.</exception>
    public async ValueTask<bool> AnswerRefusalAsync(HttpContext context, SessionUser user)
    {
        if (await RequestUser.HasRefusedCredentialsAsync(context))
        {
            // Without a user, calls would fail later for a reason that nobody sees.
            return await RefuseAsync(context, "the credentials are not valid, or have expired");
        }

        if (users.IsExpired(user))
        {
            return await RefuseAsync(context, "the authentication has expired; sign in again");
        }

        if (await users.IsRevokedAsync(user, context.RequestAborted))
        {
            return await RefuseAsync(context, "the user has been signed out; sign in again");
        }

        // A user may ask in order to authenticate again; that opens no session. Opening one looks again.
        if (!user.IsAuthenticated && users.Look(user, context.Connection.RemoteIpAddress) is var count and not SessionCount.Free)
        {
            metrics?.Limited(SessionCounts.NameOf(count));
            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
            await HttpAnswer.WriteErrorAsync(context, StatusCodes.Status429TooManyRequests, SessionCounts.Describe(count));
            return true;
        }

        return false;
    }

    private static async Task<bool> RefuseAsync(HttpContext context, string reason)
    {
        // Of which kind is all that the client has to know to send others.
        if (context.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.Append(HeaderNames.WWWAuthenticate, "Bearer error=\"invalid_token\"");
        }

        await HttpAnswer.WriteErrorAsync(context, StatusCodes.Status401Unauthorized, reason);
        return true;
    }
}
