using Ducts.Configuration;
using Ducts.Identity;
using Ducts.Protocol;
using Ducts.WebApis;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Discovery;

/// <summary>
/// Says on the endpoints of Ducts what a refused caller lacks. Where the application has an authentication scheme, this answers, and its
/// answer gets a body; where it has none, there is a status instead of an exception. All other endpoints are the application's own.
/// </summary>
/// <param name="inner">What the application, or the framework, answers with.</param>
/// <param name="guard">Writes what is refused.</param>
/// <param name="policies">Has the policies that endpoints name.</param>
internal sealed class AuthorizationAnswers(IAuthorizationMiddlewareResultHandler inner, EndpointGuard guard, IAuthorizationPolicyProvider policies) : IAuthorizationMiddlewareResultHandler
{
    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded || context.GetEndpoint()?.Metadata is not { } metadata || metadata.GetMetadata<DuctsEndpointMetadata>() is null)
        {
            await inner.HandleAsync(next, context, policy, authorizeResult);
            return;
        }

        var status = authorizeResult.Challenged ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden;
        if (inner is not AuthorizationMiddlewareResultHandler || await HasSchemeAsync(context, policy, authorizeResult.Challenged))
        {
            await inner.HandleAsync(next, context, policy, authorizeResult);
        }
        else
        {
            context.Response.StatusCode = status;
        }

        var response = context.Response;
        if (response.StatusCode == status && !response.HasStarted && response.ContentLength is null && response.ContentType is null)
        {
            await guard.RefuseAsync(context, status, await TextOfAsync(metadata, authorizeResult), ErrorNames.Permission);
        }
    }

    private static async Task<bool> HasSchemeAsync(HttpContext context, AuthorizationPolicy policy, bool isChallenge)
    {
        if (policy.AuthenticationSchemes.Count > 0)
        {
            return true;
        }

        return context.RequestServices.GetService<IAuthenticationSchemeProvider>() is { } schemes
            && await (isChallenge ? schemes.GetDefaultChallengeSchemeAsync() : schemes.GetDefaultForbidSchemeAsync()) is not null;
    }

    /// <summary>Puts it before what the application answers with, or before the framework's own.</summary>
    public static void Add(IServiceCollection services)
    {
        var former = FormerService.Find<IAuthorizationMiddlewareResultHandler>(services, static _ => new AuthorizationMiddlewareResultHandler());
        services.AddTransient<IAuthorizationMiddlewareResultHandler>(provider => ActivatorUtilities.CreateInstance<AuthorizationAnswers>(provider, former(provider)));
    }

    private async Task<string> TextOfAsync(EndpointMetadataCollection metadata, PolicyAuthorizationResult result)
    {
        var refused = metadata.GetMetadata<WebApiMetadata>() is not null ? AuthorizationText.Event : "this server";
        if (result.AuthorizationFailure is not { } failure)
        {
            return AuthorizationText.OfNobody(refused);
        }

        var demand = AuthorizationDemand.Of(metadata, byDefault: false);
        await demand.TryFindPoliciesAsync(policies, []);
        return AuthorizationText.Of(failure, demand.Named, refused);
    }
}

/// <summary>Marks the endpoints that clients call: who is not signed in gets a status there, not a page to sign in.</summary>
internal sealed class DuctsEndpointMetadata : IDisableCookieRedirectMetadata
{
    public static readonly DuctsEndpointMetadata Instance = new();
}
