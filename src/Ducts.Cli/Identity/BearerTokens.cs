using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Ducts.Cli.Identity;

/// <summary>
/// Accepts bearer tokens by configuration: those signed with <c>signing_key</c>, or those of <c>authority</c>. Nothing of it is
/// loaded where neither is set.
/// </summary>
internal static class BearerTokens
{
    private const string Scheme = JwtBearerDefaults.AuthenticationScheme;
    private const string ChoosingScheme = "Ducts.BearerOrDefault";

    /// <summary>How far the clock of who issues tokens may be off.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    /// <summary>A provider that is slower is one that cannot be reached.</summary>
    private static readonly TimeSpan AuthorityTimeout = TimeSpan.FromSeconds(10);

    public static void Add(IServiceCollection services, DuctsAuthOptions auth)
    {
        services.AddAuthentication(Scheme).AddJwtBearer();
        services.AddSingleton(provider => new AuthorityKeys(auth, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<AuthorityKeys>>()));
        services.AddOptions<JwtBearerOptions>(Scheme).Configure<AuthorityKeys, ILoggerFactory>((options, keys, loggers) =>
        {
            Configure(options, auth);
            options.Events = Events(keys, loggers.CreateLogger("Ducts.Cli.Identity.BearerTokens"), hasAuthority: auth.Authority.Length > 0);
        });
        AddChoice(services);
    }

    /// <summary>Answers a service discovery whose token is not accepted: a session without a user would fail later, for a reason that nobody sees.</summary>
    public static void RefuseInDiscovery(IApplicationBuilder app, DuctsServerOptions server)
    {
        var path = $"/{server.RootPathDucts.Trim('/')}/{server.RelativePathWebServiceDiscovery.Trim('/')}".Replace("//", "/", StringComparison.Ordinal);
        app.Use((context, next) =>
        {
            if (context.Features.Get<TokenRefusal>() is not { } refusal || !string.Equals(context.Request.Path.Value, path, StringComparison.OrdinalIgnoreCase))
            {
                return next(context);
            }

            refusal.Apply(context.Response);
            context.Response.Headers.CacheControl = "no-store";
            return context.Response.WriteAsJsonAsync(new Dictionary<string, string> { ["error"] = refusal.Reason });
        });
    }

    private static void Configure(JwtBearerOptions options, DuctsAuthOptions auth)
    {
        var parameters = options.TokenValidationParameters;
        parameters.ClockSkew = ClockSkew;
        parameters.NameClaimTypeRetriever = static (token, _) => NameClaimOf((JsonWebToken)token);
        if (auth.Authority.Length > 0)
        {
            options.Authority = auth.Authority;
            options.Audience = auth.Audience;
            // The options' own check has seen that http is this machine; what an https address leads to is https, too.
            options.RequireHttpsMetadata = auth.Authority.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
            options.BackchannelTimeout = AuthorityTimeout;
            return;
        }

        parameters.IssuerSigningKey = TokenSigner.KeyOf(auth.SigningKey);
        parameters.ValidAlgorithms = [SecurityAlgorithms.HmacSha256];
        // Who has the key is believed, whatever name it gives itself.
        parameters.ValidateIssuer = false;
        parameters.ValidateAudience = auth.Audience.Length > 0;
        parameters.ValidAudience = auth.Audience;
    }

    // Handlers greet users by Identity.Name: a name if the token has one, else who it is.
    private static string NameClaimOf(JsonWebToken token)
    {
        if (token.TryGetClaim("unique_name", out _))
        {
            return ClaimTypes.Name;
        }

        return token.TryGetClaim("name", out _) ? "name" : token.TryGetClaim("preferred_username", out _) ? "preferred_username" : ClaimTypes.NameIdentifier;
    }

    private static JwtBearerEvents Events(AuthorityKeys keys, ILogger logger, bool hasAuthority) => new()
    {
        OnMessageReceived = async context =>
        {
            if (hasAuthority
                && IsBearer(context.Request)
                && context.Options.ConfigurationManager is { } authority
                && !await keys.AreKnownAsync(authority, context.HttpContext.RequestAborted))
            {
                context.HttpContext.Features.Set(TokenRefusal.Unavailable);
                context.Fail(TokenRefusal.Unavailable.Reason);
            }
        },
        OnAuthenticationFailed = context =>
        {
            var refusal = TokenRefusal.Of(context.Exception);
            context.HttpContext.Features.Set(refusal);
            IdentityLog.TokenRefused(logger, refusal.Reason);
            return Task.CompletedTask;
        },
        OnChallenge = context =>
        {
            if (context.HttpContext.Features.Get<TokenRefusal>() is { } refusal)
            {
                refusal.Apply(context.Response);
                context.HandleResponse();
            }

            return Task.CompletedTask;
        },
    };

    /// <summary>Where startup.cs has made another scheme the default, requests with a bearer token still have theirs.</summary>
    private static void AddChoice(IServiceCollection services)
    {
        string? other = null;
        services.TryAddTransient<PolicySchemeHandler>();
        services.AddOptions<PolicySchemeOptions>(ChoosingScheme).Configure(options =>
            options.ForwardDefaultSelector = context => IsBearer(context.Request) || other is null ? Scheme : other);
        services.PostConfigure<AuthenticationOptions>(options =>
        {
            other = options.DefaultAuthenticateScheme ?? options.DefaultScheme;
            if (other is null or Scheme)
            {
                return;
            }

            options.AddScheme<PolicySchemeHandler>(ChoosingScheme, displayName: null);
            options.DefaultAuthenticateScheme = ChoosingScheme;
            if (options.DefaultChallengeScheme is null)
            {
                options.DefaultChallengeScheme = ChoosingScheme;
                options.DefaultForbidScheme ??= ChoosingScheme;
            }
        });
    }

    private static bool IsBearer(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith($"{Scheme} ", StringComparison.OrdinalIgnoreCase);
}
