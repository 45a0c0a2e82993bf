using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Ducts.Identity;

/// <summary>What the metadata of an event asks of its users, combined as ASP.NET Core combines it for an endpoint.</summary>
internal sealed class AuthorizationDemand
{
    private readonly IReadOnlyList<IAuthorizeData> _data;
    private readonly IReadOnlyList<AuthorizationPolicy> _policies;
    private readonly IAuthorizationRequirement[] _requirements;
    private readonly List<(string Name, AuthorizationPolicy Policy)> _named = [];

    private AuthorizationDemand(IReadOnlyList<IAuthorizeData> data, IReadOnlyList<AuthorizationPolicy> policies, IAuthorizationRequirement[] requirements)
    {
        _data = data;
        _policies = policies;
        _requirements = requirements;
    }

    /// <summary>Gets the named policies among it, once they have been found.</summary>
    public IReadOnlyList<(string Name, AuthorizationPolicy Policy)> Named => _named;

    /// <summary>Returns whether a piece of metadata says who may call.</summary>
    public static bool IsPart(object metadata) => metadata is IAuthorizeData or IAllowAnonymous or IAuthorizationRequirementData or AuthorizationPolicy;

    /// <summary>Asks for the default policy where metadata does not say who may call.</summary>
    public static void AddDefaultTo(IList<object> metadata)
    {
        if (!metadata.Any(IsPart))
        {
            metadata.Add(new AuthorizeAttribute());
        }
    }

    /// <summary>Reads metadata.</summary>
    /// <param name="metadata">What the event declares.</param>
    /// <param name="byDefault">Whether an event that asks for nothing needs the default policy.</param>
    public static AuthorizationDemand Of(EndpointMetadataCollection metadata, bool byDefault)
    {
        var data = metadata.GetOrderedMetadata<IAuthorizeData>();
        var policies = metadata.GetOrderedMetadata<AuthorizationPolicy>();
        IAuthorizationRequirement[] requirements = [.. metadata.GetOrderedMetadata<IAuthorizationRequirementData>().SelectMany(static each => each.GetRequirements())];
        if (byDefault && data.Count + policies.Count + requirements.Length == 0)
        {
            data = [new AuthorizeAttribute()];
        }

        return new AuthorizationDemand(data, policies, requirements);
    }

    /// <summary>Finds the policies that are named.</summary>
    /// <param name="policies">Has them.</param>
    /// <param name="problems">Gets those that nobody has defined.</param>
    /// <returns>Whether all are defined.</returns>
    public async Task<bool> TryFindPoliciesAsync(IAuthorizationPolicyProvider policies, ICollection<string> problems)
    {
        var known = problems.Count;
        foreach (var name in _data.Select(static each => each.Policy).OfType<string>().Where(static name => !string.IsNullOrWhiteSpace(name)).Distinct(StringComparer.Ordinal))
        {
            if (await policies.GetPolicyAsync(name) is { } policy)
            {
                _named.Add((name, policy));
            }
            else
            {
                problems.Add($"policy '{name}' is not defined; add it with AddAuthorization(options => options.AddPolicy(\"{name}\", …))");
            }
        }

        return problems.Count == known;
    }

    /// <summary>Combines it to one policy; null where everybody may.</summary>
    public async Task<AuthorizationPolicy?> CombineAsync(IAuthorizationPolicyProvider policies)
    {
        var policy = await AuthorizationPolicy.CombineAsync(policies, _data, _policies);
        if (_requirements.Length == 0)
        {
            return policy;
        }

        var own = new AuthorizationPolicyBuilder().AddRequirements(_requirements).Build();
        return policy is null ? own : AuthorizationPolicy.Combine(policy, own);
    }
}
