using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ducts.Server.Tests.Identity;

/// <summary>Believes the header X-User: a name, then claims such as <c>role=admin</c>.</summary>
internal sealed class HeaderAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Header = "X-User";

    public const string Name = "Header";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers[Header] is not [{ Length: > 0 } text])
            return Task.FromResult(AuthenticateResult.NoResult());
        var words = text.Split(' ');
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, words[0]), new Claim("sub", words[0])], Name);
        foreach (var claim in words.Skip(1).Select(static word => word.Split('=')))
            identity.AddClaim(new Claim(claim[0] == "role" ? ClaimTypes.Role : claim[0], claim[1]));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name)));
    }
}
