using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Sessions;

/// <summary>Reads from an HTTP request whom the application's authentication has found.</summary>
internal static class RequestUser
{
    // Of the year 9999, for those who write "never" as a time.
    private const double LastSecond = 253402300798;

    /// <summary>Returns the user, with the time at which the authentication expires.</summary>
    public static SessionUser Of(HttpContext context) =>
        SessionUser.IsAuthenticatedBy(context.User) ? new SessionUser(context.User, ExpiryOf(context), IssueOf(context)) : new SessionUser();

    /// <summary>Returns whether the request sent credentials of its own, not a cookie that a browser adds, that are not accepted.</summary>
    public static async ValueTask<bool> HasRefusedCredentialsAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization.Count == 0
            || SessionUser.IsAuthenticatedBy(context.User)
            || context.RequestServices.GetService<IAuthenticationSchemeProvider>() is not { } schemes
            || await schemes.GetDefaultAuthenticateSchemeAsync() is null)
        {
            return false;
        }

        // What the middleware found is remembered; it does not say why it found nobody.
        return (await context.AuthenticateAsync()).Failure is not null;
    }

    private static DateTimeOffset? ExpiryOf(HttpContext context)
    {
        var ofProperties = PropertiesOf(context)?.ExpiresUtc;
        // One that cannot be read is no reason to let the user in for ever.
        var ofClaim = TimeOf(context, "exp") ?? (context.User.HasClaim(static claim => claim.Type == "exp") ? DateTimeOffset.MinValue : null);
        return ofProperties is null || ofClaim < ofProperties ? ofClaim : ofProperties;
    }

    // Both have whole seconds, so that it may have been any moment of it.
    private static DateTimeOffset? IssueOf(HttpContext context) =>
        (TimeOf(context, "iat") ?? PropertiesOf(context)?.IssuedUtc)?.AddSeconds(0.999);

    private static AuthenticationProperties? PropertiesOf(HttpContext context) =>
        context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties;

    // Seconds since 1970, as tokens have them.
    private static DateTimeOffset? TimeOf(HttpContext context, string claim) =>
        context.User.FindFirst(claim)?.Value is { } text
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
        && seconds >= 0
            ? DateTimeOffset.UnixEpoch.AddSeconds(Math.Min(seconds, LastSecond))
            : null;
}
