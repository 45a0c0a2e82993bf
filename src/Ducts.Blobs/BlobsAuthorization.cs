using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Ducts.Blobs;

/// <summary>Gives those of <see cref="BlobsPolicies"/> that the application has not defined the meaning of no policy.</summary>
internal sealed class BlobsAuthorization(IOptions<DuctsOptions> ducts) : IPostConfigureOptions<AuthorizationOptions>
{
    public void PostConfigure(string? name, AuthorizationOptions options)
    {
        foreach (var policy in (string[])[BlobsPolicies.Read, BlobsPolicies.Write])
        {
            if (options.GetPolicy(policy) is null)
            {
                options.AddPolicy(policy, WithoutPolicy(options));
            }
        }
    }

    private AuthorizationPolicy WithoutPolicy(AuthorizationOptions options)
    {
        if (ducts.Value.Auth.AuthorizeByDefault)
        {
            return options.DefaultPolicy;
        }

        return options.FallbackPolicy ?? new AuthorizationPolicyBuilder().RequireAssertion(static _ => true).Build();
    }
}
