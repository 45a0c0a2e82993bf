using System.Threading.RateLimiting;
using Ducts.Dispatch;
using Ducts.Protocol;
using Ducts.Sessions;
using Ducts.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace Ducts.Identity;

/// <summary>Puts a guard around the events whose calls a policy limits.</summary>
internal sealed class RateLimitDecorator(IEnumerable<RateLimitPolicy> policies, ServerMetrics metrics) : IEventDecorator
{
    public bool Honors(object metadata) => metadata is RateLimitAttribute or EnableRateLimitingAttribute or DisableRateLimitingAttribute;

    public ValueTask<EventDecoration?> ReadAsync(EventDescription description, ICollection<string> problems)
    {
        if (NameIn(description.Metadata) is not { } name)
        {
            return new((EventDecoration?)null);
        }

        // The last that was added, as with services.
        if (policies.LastOrDefault(policy => policy.Name == name) is not { } policy)
        {
            problems.Add($"the rate limit '{name}' is not defined; define it with AddDucts().AddRateLimit(\"{name}\", …)");
            return new((EventDecoration?)null);
        }

        var guard = new Guard(policy, description.Metadata, metrics);
        return new(entry => entry with { Invoker = new GuardedInvoker(entry.Invoker, guard) });
    }

    // The last word counts, as with all attributes.
    private static string? NameIn(EndpointMetadataCollection metadata)
    {
        string? name = null;
        foreach (var item in metadata)
        {
            name = item switch
            {
                RateLimitAttribute limit => limit.Policy,
                EnableRateLimitingAttribute limit => limit.PolicyName,
                DisableRateLimitingAttribute => null,
                _ => name,
            };
        }

        return name;
    }

    private sealed class Guard(RateLimitPolicy policy, EndpointMetadataCollection metadata, ServerMetrics metrics) : IEventGuard
    {
        public string ErrorName => ErrorNames.Runtime;

        public ValueTask<string?> RefuseAsync(ReplyTarget target, SessionUser user)
        {
            target.KeepData();
            // A limiter that counts what runs would count nothing here: its leases end before the handler begins.
            using var lease = policy.Limiter.AttemptAcquire(new RequestContext(target.Detach(), metadata, user));
            if (lease.IsAcquired)
            {
                return new((string?)null);
            }

            metrics.Limited(policy.Name);
            return new(RateRefusal.Of(lease).Message);
        }
    }
}
