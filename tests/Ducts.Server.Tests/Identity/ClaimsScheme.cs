using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ducts.Tests.Identity;

/// <summary>
/// An authentication scheme of an application's own: <c>Authorization: Claims sub=ada,role=admin</c> is who it says, <c>iss</c> the
/// issuer, <c>exp</c> and <c>iat</c> in Unix seconds; <c>Claims bad</c> is refused.
/// </summary>
internal sealed class ClaimsScheme(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string Name = "Claims";

    private const string Issuer = "iss";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Name + " ", StringComparison.Ordinal))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var pairs = header[(Name.Length + 1)..].Split(',').Select(static pair => pair.Split('=', 2)).ToArray();
        if (pairs.Any(static pair => pair.Length != 2))
        {
            return Task.FromResult(AuthenticateResult.Fail("not claims"));
        }

        var issuer = pairs.FirstOrDefault(static pair => pair[0] == Issuer)?[1] ?? "test";
        var claims = pairs.Where(static pair => pair[0] != Issuer).Select(pair => new Claim(pair[0], pair[1], ClaimValueTypes.String, issuer)).ToArray();
        var properties = new AuthenticationProperties();
        // What is no time it leaves to whoever reads the claim.
        if (claims.FirstOrDefault(static claim => claim.Type == "exp") is { } expiry && int.TryParse(expiry.Value, CultureInfo.InvariantCulture, out var seconds))
        {
            properties.ExpiresUtc = DateTimeOffset.FromUnixTimeSeconds(seconds);
            if (properties.ExpiresUtc <= TimeProvider.GetUtcNow())
            {
                return Task.FromResult(AuthenticateResult.Fail("expired"));
            }
        }

        var identity = new ClaimsIdentity(claims, Name, "sub", "role");
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), properties, Name)));
    }
}
