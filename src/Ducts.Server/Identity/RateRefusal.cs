using System.Globalization;
using System.Threading.RateLimiting;
using Ducts.Protocol;

namespace Ducts.Identity;

/// <summary>A request beyond a rate.</summary>
/// <param name="RetryAfter">After how long another is let pass.</param>
internal readonly record struct RateRefusal(TimeSpan RetryAfter)
{
    // What a limiter says that knows no better.
    private static readonly TimeSpan Default = TimeSpan.FromSeconds(1);

    public static RateRefusal Of(RateLimitLease lease) =>
        new(lease.TryGetMetadata(MetadataName.RetryAfter, out var after) && after > TimeSpan.Zero ? after : Default);

    /// <summary>Gets the whole seconds of a Retry-After header.</summary>
    public int Seconds => (int)Math.Min(Math.Ceiling(RetryAfter.TotalSeconds), int.MaxValue);

    /// <summary>Gets the message of the error.</summary>
    public string Message => string.Create(CultureInfo.InvariantCulture, $"too many requests, retry after {Math.Ceiling(RetryAfter.TotalSeconds * 10) / 10:0.0} s");

    /// <summary>Returns the whole text of the error.</summary>
    public override string ToString() => ErrorText.Format(ErrorNames.Runtime, Message);
}
