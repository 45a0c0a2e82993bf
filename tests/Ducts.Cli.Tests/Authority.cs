using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Ducts.Cli;

/// <summary>An OpenID Connect provider with one key (RS256), as far as who checks its tokens asks it.</summary>
internal sealed class Authority : IAsyncDisposable
{
    private readonly RSA _key = RSA.Create(2048);
    private readonly RsaSecurityKey _signing;
    private WebApplication? _app;

    public Authority(int port)
    {
        Address = $"http://127.0.0.1:{port}";
        _signing = new RsaSecurityKey(_key) { KeyId = "k1" };
    }

    public string Address { get; }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, new Uri(Address).Port));
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        var parameters = _key.ExportParameters(includePrivateParameters: false);
        var key = new { kty = "RSA", use = "sig", alg = "RS256", kid = _signing.KeyId, n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) };
        _app.MapGet("/.well-known/openid-configuration", context => context.Response.WriteAsJsonAsync(new { issuer = Address, jwks_uri = $"{Address}/keys" }));
        _app.MapGet("/keys", context => context.Response.WriteAsJsonAsync(new { keys = new[] { key } }));
        await _app.StartAsync();
    }

    public string Sign(string subject, string audience, string? issuer = null) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = issuer ?? Address,
        Audience = audience,
        Claims = new Dictionary<string, object> { ["sub"] = subject },
        SigningCredentials = new SigningCredentials(_signing, SecurityAlgorithms.RsaSha256),
    });

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _key.Dispose();
    }
}
