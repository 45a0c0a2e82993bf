using Ducts.Dispatch;
using Ducts.Protocol;
using Ducts.Sessions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Identity;

/// <summary>
/// Lets through to an event who meets its policy. What depends on the claims of a user only is decided once for each; all else for each
/// request.
/// </summary>
// Threading: any thread. It may hold attributes of a handler's own code, so it lives no longer than the handler's event.
internal sealed class AuthorizationGuard : IEventGuard
{
    private readonly AuthorizationDemand _demand;
    private readonly AuthorizationPolicy? _policy;
    private readonly IAuthorizationPolicyProvider _policies;
    private readonly EndpointMetadataCollection _metadata;

    /// <summary>Creates a guard.</summary>
    /// <param name="demand">What the event asks for.</param>
    /// <param name="policy">The combined policy; null where it has to be asked for anew each time.</param>
    /// <param name="policies">Has the policies.</param>
    /// <param name="decisions">Numbers the decisions that are kept.</param>
    /// <param name="metadata">What the event declares.</param>
    public AuthorizationGuard(
        AuthorizationDemand demand,
        AuthorizationPolicy? policy,
        IAuthorizationPolicyProvider policies,
        AuthorizationDecisions decisions,
        EndpointMetadataCollection metadata)
    {
        _demand = demand;
        _policy = policy;
        _policies = policies;
        _metadata = metadata;
        Decision = policy is null ? null : decisions.Find(policy);
    }

    public string ErrorName => ErrorNames.Permission;

    /// <summary>Gets the number of the decision where it depends on nothing but the user; otherwise null.</summary>
    public int? Decision { get; }

    public ValueTask<string?> RefuseAsync(ReplyTarget target, SessionUser user)
    {
        if (Decision is { } decision)
        {
            return user.TryGetDecision(decision, out var refusal) ? new(refusal) : DecideAsync(target.Services, user);
        }

        target.KeepData();
        var request = target.Detach();
        return AuthorizeAsync(request.Services, user, new RequestContext(request, _metadata, user));
    }

    /// <summary>Decides on a user where no request is needed for it, and keeps the decision.</summary>
    /// <returns>Why the user may not call the event; null for one who may.</returns>
    public async ValueTask<string?> DecideAsync(IServiceProvider services, SessionUser user)
    {
        if (user.TryGetDecision(Decision!.Value, out var known))
        {
            return known;
        }

        var refusal = await AuthorizeAsync(services, user, resource: null);
        user.SetDecision(Decision.Value, refusal);
        return refusal;
    }

    private async ValueTask<string?> AuthorizeAsync(IServiceProvider services, SessionUser user, object? resource)
    {
        if ((_policy ?? await _demand.CombineAsync(_policies)) is not { } policy)
        {
            return null;
        }

        var result = await services.GetRequiredService<IAuthorizationService>().AuthorizeAsync(user.Principal, resource, policy.Requirements);
        return result.Succeeded ? null : AuthorizationText.Of(result.Failure, _demand.Named);
    }
}
