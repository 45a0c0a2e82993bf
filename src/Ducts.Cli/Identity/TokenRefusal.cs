using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Net.Http.Headers;

namespace Ducts.Cli.Identity;

/// <summary>Says why the token of a request is not accepted, as a feature of the request.</summary>
internal sealed record TokenRefusal(int Status, string Reason)
{
    public static TokenRefusal Unavailable { get; } = new(
        StatusCodes.Status503ServiceUnavailable,
        "the keys that the token is checked with cannot be fetched from their authority at the moment");

    public static TokenRefusal Of(Exception fault) => new(StatusCodes.Status401Unauthorized, Explain(fault is AggregateException several ? several.InnerExceptions[0] : fault));

    /// <summary>Sets the status and its headers.</summary>
    public void Apply(HttpResponse response)
    {
        response.StatusCode = Status;
        if (Status == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = AuthorityKeys.Pause.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        }
        else
        {
            response.Headers.Append(HeaderNames.WWWAuthenticate, $"Bearer error=\"invalid_token\", error_description=\"{Reason}\"");
        }
    }

    // Nothing of what the token holds is repeated.
    private static string Explain(Exception fault) => fault switch
    {
        SecurityTokenExpiredException => "the token has expired",
        SecurityTokenNotYetValidException => "the token is not valid yet",
        SecurityTokenNoExpirationException => "the token does not expire; tokens without exp are not accepted",
        SecurityTokenInvalidAudienceException => "the token is for another audience",
        SecurityTokenInvalidIssuerException => "the token has another issuer",
        SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException => "the signature of the token is not valid",
        _ => "the token cannot be read",
    };
}
