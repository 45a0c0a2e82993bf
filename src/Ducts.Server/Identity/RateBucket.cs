using System.Threading.RateLimiting;

namespace Ducts.Identity;

/// <summary>Makes token buckets of rates.</summary>
internal static class RateBucket
{
    // How often a rate limiter looks whether tokens are due.
    private const double PeriodsPerSecond = 10;

    /// <summary>Returns the options of a bucket.</summary>
    /// <param name="perSecond">The rate; above 0.</param>
    /// <param name="burst">The tokens of a full bucket.</param>
    public static TokenBucketRateLimiterOptions Of(double perSecond, int burst)
    {
        // One token a period, or more where the rate is higher than a limiter looks.
        var tokens = (int)Math.Max(1, perSecond / PeriodsPerSecond);
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds(tokens / perSecond),
            QueueLimit = 0,
        };
    }
}
