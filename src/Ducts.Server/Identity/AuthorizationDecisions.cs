using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;

namespace Ducts.Identity;

/// <summary>
/// Numbers the policies that depend on the claims of a user only, by what they ask for: events that ask for the same share what was
/// decided for a user, also after a reload.
/// </summary>
/// <remarks>Threading: any thread, under one lock.</remarks>
internal sealed class AuthorizationDecisions
{
    private readonly Lock _gate = new();

    // Texts only: nothing of a handler's own code.
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <summary>Returns the number of a policy; null when more than claims has to be looked at.</summary>
    public int? Find(AuthorizationPolicy policy)
    {
        var parts = new List<string?[]>();
        foreach (var requirement in policy.Requirements)
        {
            if (PartsOf(requirement) is not { } texts)
            {
                return null;
            }

            parts.Add(texts);
        }

        var key = JsonSerializer.Serialize(parts);
        lock (_gate)
        {
            if (!_numbers.TryGetValue(key, out var number))
            {
                number = _numbers.Count;
                _numbers.Add(key, number);
            }

            return number;
        }
    }

    private static string?[]? PartsOf(IAuthorizationRequirement requirement)
    {
        // The framework's own, and nothing derived from them: its handlers could look at anything.
        if (requirement.GetType().Assembly != typeof(RolesAuthorizationRequirement).Assembly)
        {
            return null;
        }

        return requirement switch
        {
            DenyAnonymousAuthorizationRequirement => ["user"],
            RolesAuthorizationRequirement roles => ["roles", .. roles.AllowedRoles],
            NameAuthorizationRequirement name => ["name", name.RequiredName],
            ClaimsAuthorizationRequirement claims => ["claims", claims.ClaimType, .. claims.AllowedValues ?? []],
            _ => null,
        };
    }
}
