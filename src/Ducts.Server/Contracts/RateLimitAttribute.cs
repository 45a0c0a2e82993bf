namespace Ducts;

/// <summary>
/// Limits how often an event is called, by a policy that <c>AddRateLimit</c> has defined. A request beyond it gets
/// <c>RuntimeError('too many requests, retry after … s')</c>, and the handler does not run.
/// </summary>
/// <param name="policy">The policy's name.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RateLimitAttribute(string policy) : Attribute
{
    /// <summary>Gets the policy's name.</summary>
    public string Policy { get; } = policy;
}
