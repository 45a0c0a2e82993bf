using Ducts.Dispatch;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Ducts.Identity;

/// <summary>Puts a guard around the events that ask for users with certain rights, by the attributes and policies of endpoints.</summary>
internal sealed class AuthorizationDecorator(IOptions<DuctsOptions> options, IAuthorizationPolicyProvider policies, AuthorizationDecisions decisions) : IEventDecorator
{
    private readonly bool _byDefault = options.Value.Auth.AuthorizeByDefault;

    public bool Honors(object metadata) => AuthorizationDemand.IsPart(metadata);

    public async ValueTask<EventDecoration?> ReadAsync(EventDescription description, ICollection<string> problems)
    {
        if (description.Kind is EventKind.Protocol or EventKind.None || description.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return null;
        }

        var demand = AuthorizationDemand.Of(description.Metadata, _byDefault);
        if (!await demand.TryFindPoliciesAsync(policies, problems) || await demand.CombineAsync(policies) is not { } policy)
        {
            return null;
        }

        if (policy.AuthenticationSchemes.Count > 0)
        {
            problems.Add($"authentication schemes ({string.Join(", ", policy.AuthenticationSchemes)}) have no effect on an event, whose user is the one that service discovery found. Put them on MapDucts(), and give the event a policy without schemes");
            return null;
        }

        var guard = new AuthorizationGuard(demand, policies.AllowsCachingPolicies ? policy : null, policies, decisions, description.Metadata);
        return entry => entry with { Invoker = new GuardedInvoker(entry.Invoker, guard), Guard = guard };
    }
}
