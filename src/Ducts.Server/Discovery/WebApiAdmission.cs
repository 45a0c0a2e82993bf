using System.Globalization;
using Ducts.Identity;
using Ducts.Protocol;
using Ducts.Redis;
using Ducts.Sessions;
using Microsoft.AspNetCore.Http;

namespace Ducts.Discovery;

/// <summary>Refuses Web API calls of users that have been signed out, and calls beyond a rate, as sessions refuse theirs.</summary>
internal sealed class WebApiAdmission(UserAdmission users, RequestRates rates)
{
    private const string RetryAfterSeconds = "1";

    /// <summary>Gets whether a call needs no look: it is nobody's, and nothing is limited.</summary>
    public bool IsFree(HttpContext context) => !rates.IsOn && !SessionUser.IsAuthenticatedBy(context.User);

    /// <summary>Answers a call that is refused.</summary>
    /// <param name="context">The call.</param>
    /// <param name="refuse">Writes the answer: status, reason, the error's name.</param>
    /// <param name="next">Answers the call otherwise.</param>
    public async Task AnswerAsync(HttpContext context, Func<HttpContext, int, string, string?, Task> refuse, RequestDelegate next)
    {
        try
        {
            if (await users.IsRevokedRecentlyAsync(RequestUser.Of(context), context.RequestAborted))
            {
                await refuse(context, StatusCodes.Status401Unauthorized, "the user has been signed out; sign in again", ErrorNames.Permission);
                return;
            }
        }
        catch (RedisClientException)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
            await refuse(context, StatusCodes.Status503ServiceUnavailable, "Redis cannot be asked whether the user has been signed out", ErrorNames.Connection);
            return;
        }

        if (rates.Refuse(context) is not { } refusal)
        {
            await next(context);
            return;
        }

        context.Response.Headers.RetryAfter = refusal.Seconds.ToString(CultureInfo.InvariantCulture);
        await refuse(context, StatusCodes.Status429TooManyRequests, refusal.Message, ErrorNames.Runtime);
    }
}
