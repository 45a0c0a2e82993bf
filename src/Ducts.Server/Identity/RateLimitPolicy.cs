using System.Threading.RateLimiting;

namespace Ducts.Identity;

/// <summary>A policy that the application has defined for <see cref="RateLimitAttribute"/>.</summary>
internal sealed class RateLimitPolicy(string name, PartitionedRateLimiter<EventContext> limiter) : IDisposable
{
    public string Name => name;

    public PartitionedRateLimiter<EventContext> Limiter => limiter;

    public void Dispose() => limiter.Dispose();
}
