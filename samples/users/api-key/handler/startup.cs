// handler/startup.cs
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ducts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;

public static class Startup
{
    public static void Configure(WebApplicationBuilder builder)
    {
        var keys = JsonSerializer.Deserialize<Dictionary<string, string>>(builder.Configuration["api_keys_config:keys"] ?? "{}")!;
        builder.Services.AddSingleton(new ApiKeys { Keys = keys });
        builder.Services.AddAuthentication("ApiKey").AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>("ApiKey", null);
    }
}

[Config("api_keys_config")]
public sealed record ApiKeys
{
    public Dictionary<string, string> Keys { get; init; } = [];
}

public sealed class ApiKeyHandler(ApiKeys known, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers["X-Api-Key"] is not [{ } key])
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        if (!known.Keys.TryGetValue(hash, out var name))
        {
            return Task.FromResult(AuthenticateResult.Fail("The key is not known."));
        }

        var identity = new ClaimsIdentity([new(ClaimTypes.Name, name), new(ClaimTypes.Role, "service")], Scheme.Name);
        return Task.FromResult(AuthenticateResult.Success(new(new(identity), Scheme.Name)));
    }
}
