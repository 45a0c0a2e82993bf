using Ducts.WebApis;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Ducts.Identity;

/// <summary>Finds in the application's authorization and authentication what callers of Web APIs need.</summary>
internal sealed class WebApiSecurity(IServiceProvider services) : IWebApiSecurity
{
    // Of a package that the server does not need itself, and a class that is not public.
    private const string JwtBearerHandler = "Microsoft.AspNetCore.Authentication.JwtBearer.JwtBearerHandler";
    private const string BearerTokenHandler = "Microsoft.AspNetCore.Authentication.BearerToken.BearerTokenHandler";

    // Schemes that forward to each other in a circle authenticate nobody.
    private const int MaxForwards = 8;

    // Of the registry of HTTP authentication schemes: an own scheme of such a name is one of these.
    private static readonly string[] HttpSchemes = ["basic", "bearer", "digest", "negotiate"];

    public async ValueTask<WebApiDemand?> FindDemandAsync(EndpointMetadataCollection metadata)
    {
        if (metadata.GetMetadata<IAllowAnonymous>() is not null
            || services.GetService<IAuthorizationPolicyProvider>() is not { } policies
            || await AuthorizationDemand.Of(metadata, byDefault: false).CombineAsync(policies) is not { } policy)
        {
            return null;
        }

        var schemes = new List<string>();
        foreach (var scheme in policy.AuthenticationSchemes.Count > 0 ? policy.AuthenticationSchemes : await FindDefaultAsync())
        {
            await AddAsync(scheme, schemes, MaxForwards);
        }

        return new WebApiDemand(schemes, policy.Requirements.Any(static requirement => requirement is not DenyAnonymousAuthorizationRequirement));
    }

    public async ValueTask<OpenApiSecurityScheme> DescribeAsync(string scheme)
    {
        var known = services.GetService<IAuthenticationSchemeProvider>() is { } schemes ? await schemes.GetSchemeAsync(scheme) : null;
        if (known is not null && IsA(known.HandlerType, typeof(CookieAuthenticationHandler).FullName!))
        {
            var cookie = services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(scheme).Cookie.Name;
            return new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = cookie, Description = known.DisplayName };
        }

        if (known is not null && IsA(known.HandlerType, JwtBearerHandler))
        {
            return new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT", Description = known.DisplayName };
        }

        if (known is not null && IsA(known.HandlerType, BearerTokenHandler))
        {
            return new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = known.DisplayName };
        }

        if (HttpSchemes.Contains(scheme, StringComparer.OrdinalIgnoreCase))
        {
            return new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = scheme.ToLowerInvariant(), Description = known?.DisplayName };
        }

        // Where its credentials are, only its code knows. This is where most have them, and the text says that it is not known.
        return new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = "Authorization",
            Description = $"{known?.DisplayName ?? scheme}: a scheme of the application, which may read its credentials from elsewhere.",
        };
    }

    private async ValueTask<IReadOnlyList<string>> FindDefaultAsync() =>
        services.GetService<IAuthenticationSchemeProvider>() is { } schemes && await schemes.GetDefaultAuthenticateSchemeAsync() is { } scheme ? [scheme.Name] : [];

    /// <summary>Adds a scheme, or those to which it hands requests on.</summary>
    private async ValueTask AddAsync(string name, List<string> schemes, int forwards)
    {
        if (forwards == 0
            || schemes.Contains(name)
            || services.GetService<IAuthenticationSchemeProvider>() is not { } provider
            || await provider.GetSchemeAsync(name) is not { } scheme)
        {
            return;
        }

        if (!IsA(scheme.HandlerType, typeof(PolicySchemeHandler).FullName!))
        {
            schemes.Add(name);
            return;
        }

        var options = services.GetRequiredService<IOptionsMonitor<PolicySchemeOptions>>().Get(name);
        if (options.ForwardAuthenticate is { } always)
        {
            await AddAsync(always, schemes, forwards - 1);
        }
        else if (options.ForwardDefaultSelector is null && options.ForwardDefault is { } usually)
        {
            await AddAsync(usually, schemes, forwards - 1);
        }
        else
        {
            // Which one depends on the request.
            foreach (var other in await provider.GetAllSchemesAsync())
            {
                if (!IsA(other.HandlerType, typeof(PolicySchemeHandler).FullName!) && !typeof(IAuthenticationRequestHandler).IsAssignableFrom(other.HandlerType) && !schemes.Contains(other.Name))
                {
                    schemes.Add(other.Name);
                }
            }
        }
    }

    // By name: a package may be loaded that is not ours.
    private static bool IsA(Type? handler, string name)
    {
        while (handler is not null && handler.FullName != name)
            handler = handler.BaseType;
        return handler is not null;
    }
}
