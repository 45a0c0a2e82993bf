using Ducts.Dispatch.Binding;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;

namespace Ducts.Identity;

/// <summary>Says what a user lacks to call an event.</summary>
internal static class AuthorizationText
{
    /// <summary>What is refused, by default.</summary>
    public const string Event = "this event";

    /// <summary>Says it to somebody whom nobody knows.</summary>
    public static string OfNobody(string refused) => $"{refused} needs an authenticated user";

    /// <summary>Says it.</summary>
    /// <param name="failure">What ASP.NET Core's authorization found missing.</param>
    /// <param name="named">The policies that the event names.</param>
    /// <param name="refused">What is refused.</param>
    public static string Of(AuthorizationFailure failure, IReadOnlyList<(string Name, AuthorizationPolicy Policy)> named, string refused = Event)
    {
        IAuthorizationRequirement[] missing = [.. failure.FailedRequirements];
        // Who is nobody has no role either; that would be the next thing to hear.
        if (missing.Any(static each => each is DenyAnonymousAuthorizationRequirement))
        {
            return OfNobody(refused);
        }

        string[] texts = [.. missing.Select(each => Of(each, named)).Distinct(StringComparer.Ordinal)];
        if (texts.Length == 0)
        {
            // A handler of the application has refused without saying what for.
            texts = [.. named.Select(static each => NameOf(each.Name))];
        }

        return texts.Length == 0 ? $"{refused} is closed to this user" : $"{refused} needs {string.Join(" and ", texts)}";
    }

    private static string Of(IAuthorizationRequirement requirement, IReadOnlyList<(string Name, AuthorizationPolicy Policy)> named) => requirement switch
    {
        RolesAuthorizationRequirement roles => roles.AllowedRoles.ToArray() is [var role] ? $"the role {role}" : $"one of the roles {string.Join(", ", roles.AllowedRoles)}",
        NameAuthorizationRequirement name => $"the user {name.RequiredName}",
        ClaimsAuthorizationRequirement { AllowedValues: { } values } claims when values.Any() => $"the claim {string.Join(" or ", values.Select(value => $"{claims.ClaimType}={value}"))}",
        ClaimsAuthorizationRequirement claims => $"the claim {claims.ClaimType}",
        _ when named.FirstOrDefault(each => each.Policy.Requirements.Contains(requirement)).Name is { } policy => NameOf(policy),
        AssertionRequirement => "a condition that this user does not meet",
        _ => $"the requirement {ShortNameOf(requirement.GetType())}",
    };

    private static string NameOf(string policy) => $"the policy \"{policy}\"";

    private static string ShortNameOf(Type type)
    {
        var name = TypeText.Of(type);
        foreach (var ending in (string[])["Requirement", nameof(Attribute)])
        {
            if (name.Length > ending.Length && name.EndsWith(ending, StringComparison.Ordinal))
            {
                return name[..^ending.Length];
            }
        }

        return name;
    }
}
